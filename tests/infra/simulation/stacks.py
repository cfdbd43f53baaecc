"""What moto's stacks do otherwise than CloudFormation's."""

import json
import re

import moto.cloudformation.models as models
import moto.cloudformation.parsing as parsing
from moto.awslambda.models import LambdaVersion
from moto.cloudformation.exceptions import ValidationError
from moto.events.models import EventBus

from . import rules
from .translate import translated


def _dotted(node):
    """moto cuts ${A.B.C} after two names: hands it Fn::GetAtt [A, B.C] instead."""
    if isinstance(node, list):
        return [_dotted(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {name: _dotted(value) for name, value in node.items()}
    if "Fn::Sub" not in node:
        return node
    sub = node["Fn::Sub"]
    text, names = sub if isinstance(sub, list) else (sub, {})
    names = dict(names)

    def replaced(match):
        resource, attribute = match[1].split(".", 1)
        key = re.sub(r"\W", "_", match[1])
        names[key] = {"Fn::GetAtt": [resource, attribute]}
        return f"${{{key}}}"

    text = re.sub(r"\$\{(\w+\.\w+\.[\w.]+)\}", replaced, text)
    return {"Fn::Sub": [text, names] if names else text}


def _needs(node, names: set[str]) -> set[str]:
    """The resources among `names` that a part of a template refers to."""
    if isinstance(node, list):
        return set().union(*(_needs(item, names) for item in node))
    if isinstance(node, dict):
        found = set().union(*(_needs(value, names) for value in node.values()))
        if "Ref" in node:
            found.add(node["Ref"])
        if "Fn::GetAtt" in node:
            attribute = node["Fn::GetAtt"]
            found.add(attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])
        if "Fn::Sub" in node:
            text = node["Fn::Sub"] if isinstance(node["Fn::Sub"], str) else node["Fn::Sub"][0]
            found.update(name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text))
        if "DependsOn" in node:
            depends = node["DependsOn"]
            found.update(depends if isinstance(depends, list) else [depends])
        return found & names
    return set()


def _delete(self):
    """Deletes each resource before those that it refers to; moto goes by chance and tries again."""
    templates = self._resource_json_map
    left = {name for name in templates if self._parsed_resources.get(name) is not None}
    while left:
        needed = set().union(*(_needs(templates[name], left) - {name} for name in left))
        free = sorted(left - needed)
        if not free:
            raise ValidationError(message=f"resources need each other: {sorted(left)}")
        for name in free:
            resource = self._parsed_resources[name]
            if templates[name]["Type"] == "AWS::S3::Bucket" and len(resource.keys):
                raise ValidationError(message=f"bucket {resource.name} is not empty")
            self._delete_resource(resource, templates[name])
            self._parsed_resources.pop(name)
            left.remove(name)


def _clean_json(node, resources):
    """moto leaves the hole of an AWS::NoValue in a list, and finds no key of a map that is a number."""
    if isinstance(node, dict) and "Fn::FindInMap" in node:
        name, *path = node["Fn::FindInMap"]
        node = {"Fn::FindInMap": [name, *(str(_clean(part, resources)) for part in path)]}
    value = _clean(node, resources)
    return [item for item in value if item is not None] if isinstance(value, list) else value


def _known(resource_type: str):
    """moto leaves out types that it does not know, without a word to whoever deploys."""
    found = _class_of(resource_type)
    if found is None and resource_type not in parsing.NULL_MODELS:
        raise ValidationError(message=f"{resource_type} is known neither to moto nor to stubs.py")
    return found


def _check(template: dict, parameters: dict):
    wrong = rules.problems(template, parameters)
    if wrong:
        raise ValidationError(message="; ".join(wrong))


def _load_parameters(self):
    # A stack that a change set will create begins with an empty template.
    if self._template:
        _check(self._template, self.input_parameters)
    _load(self)


def _update(logical_id, resource_json, resources_map, account_id, region_name):
    """Some resources can't be changed by moto, which then forgets them: they stay as they were."""
    before = resources_map[logical_id]
    return _update_resource(logical_id, resource_json, resources_map, account_id, region_name) or before


def _parse(template):
    if isinstance(template, bytes):
        template = template.decode()
    return _dotted(translated(_parse_text(template)))


def _parse_change_set(self):
    self.template_dict = _parse(self.template)
    _check(self.template_dict, self.parameters)


def _apply(self):
    resources = self.stack.resource_map
    # What is not given keeps its value; without this moto takes a default for a change.
    known = {name: str(value) for name, value in resources.resolved_parameters.items()}
    resources.input_parameters = known
    given = {name: str(value) for name, value in self.parameters.items()}
    resources.update(self.template_dict, {**known, **given})
    self.stack.parameters = self.parameters
    self.stack.template_dict, self.stack.template = self.template_dict, self.template
    self.stack.output_map = self.stack._create_output_map()


def _update_nested(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    """Updates the nested stack; moto deletes it and makes another."""
    properties = cloudformation_json["Properties"]
    template = models.get_stack_from_s3_url(properties["TemplateURL"], account_id=account_id, partition="aws")
    known = {name: str(value) for name, value in original_resource.resource_map.resolved_parameters.items()}
    original_resource.resource_map.input_parameters = known
    given = {name: str(value) for name, value in properties.get("Parameters", {}).items()}
    original_resource.update(template, parameters={**known, **given})
    return original_resource


def install():
    global _class_of, _clean, _load, _parse_text, _update_resource
    _update_resource, parsing.parse_and_update_resource = parsing.parse_and_update_resource, _update
    _clean, parsing.clean_json = parsing.clean_json, _clean_json
    _class_of, _load = parsing.resource_class_from_type, parsing.ResourceMap.load_parameters
    _parse_text = models.Stack.parse_template
    parsing.resource_class_from_type = _known
    parsing.ResourceMap.load_parameters = _load_parameters
    parsing.ResourceMap.delete = _delete
    models.Stack.parse_template = staticmethod(_parse)
    models.ChangeSet._parse_template = _parse_change_set
    models.ChangeSet.apply = _apply
    models.Stack.update_from_cloudformation_json = classmethod(_update_nested)
    # Ref gives the bus's name; of moto it is the bus itself.
    EventBus.physical_resource_id = property(lambda self: self.name)
    # Fn::GetAtt that moto lacks: outputs of a nested stack, and the version behind AutoPublishAlias.
    models.Stack.get_cfn_attribute = lambda self, attr: self.output_map[attr.removeprefix("Outputs.")].value
    LambdaVersion.get_cfn_attribute = lambda self, attr: {"Version": self.version}[attr]
