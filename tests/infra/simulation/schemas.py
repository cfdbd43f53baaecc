"""What CloudFormation itself knows of a type of resource: the provider schemas that cfn-lint brings with it."""

import re

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"

# ElastiCache's names end here; its API says so, and its schemas do not.
LONGEST = {
    ("AWS::ElastiCache::ServerlessCache", "ServerlessCacheName"): 40,
    ("AWS::ElastiCache::User", "UserId"): 40,
    ("AWS::ElastiCache::UserGroup", "UserGroupId"): 40,
}


def schema(cfn_type: str) -> dict:
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, cfn_type).schema


def names(cfn_type: str, properties: dict) -> list[str]:
    """The properties by which a resource is known, where it is the template that gives it its name: a second one of the
    same name can't be made beside it."""
    known = schema(cfn_type)
    identifiers = _tops(known.get("primaryIdentifier", []))
    assigned = _tops(known.get("readOnlyProperties", []))
    given = all(it in properties and it not in assigned for it in identifiers)
    return identifiers if given else []


def replacing(cfn_type: str) -> list[str]:
    """The properties that can't be changed: another value is another resource."""
    return _tops(schema(cfn_type).get("createOnlyProperties", []))


def attributes(cfn_type: str) -> set[str]:
    """What `Fn::GetAtt` may ask for."""
    return {it.removeprefix("/properties/").replace("/", ".") for it in schema(cfn_type).get("readOnlyProperties", [])}


def problems(cfn_type: str, properties: dict) -> list[str]:
    """What CloudFormation would have against the properties of a resource, references resolved."""
    known = schema(cfn_type)
    found = list(_wrong({**known, "type": "object", "additionalProperties": False}, properties, known, cfn_type))
    for name in names(cfn_type, properties):
        text, slot = str(properties[name]), _resolved(known["properties"][name], known)
        # The patterns of names are not anchored, and mean the whole name.
        if "pattern" in slot and not re.fullmatch(_pattern(slot), text):
            found.append(f"{cfn_type}: {name} {text!r} is not {slot['pattern']}")
        if len(text) > LONGEST.get((cfn_type, name), len(text)):
            found.append(f"{cfn_type}: {name} {text!r} is longer than {LONGEST[cfn_type, name]}")
    return found


def _tops(paths: list[str]) -> list[str]:
    return list(dict.fromkeys(path.split("/")[2] for path in paths))


def _pattern(slot: dict) -> str:
    # ElastiCache's have a backslash too many in a class.
    return slot["pattern"].replace("\\\\-", "\\-")


def _resolved(slot: dict, known: dict) -> dict:
    while "$ref" in slot:
        slot = {**known["definitions"][slot["$ref"].rsplit("/", 1)[1]], **{k: v for k, v in slot.items() if k != "$ref"}}
    return slot


def _wrong(slot: dict, value, known: dict, where: str):
    slot = _resolved(slot, known)
    if isinstance(value, dict):
        declared = slot.get("properties", {})
        for name in slot.get("required", []):
            if name not in value:
                yield f"{where}: {name} is missing"
        for name, item in value.items():
            if name in declared:
                yield from _wrong(declared[name], item, known, f"{where}.{name}")
            elif slot.get("additionalProperties") is False and not _matches(slot, name):
                yield f"{where}: there is no {name}"
    elif isinstance(value, list):
        for item in value:
            yield from _wrong(slot.get("items", {}), item, known, where)
    else:
        yield from _wrong_text(slot, value, where)


def _matches(slot: dict, name: str) -> bool:
    return any(re.search(pattern, name) for pattern in slot.get("patternProperties", {}))


def _wrong_text(slot: dict, value, where: str):
    """CloudFormation makes text of numbers and numbers of text, so a type alone is no fault."""
    text = str(value)
    if "enum" in slot and text not in map(str, slot["enum"]):
        yield f"{where}: {text!r} is none of {slot['enum']}"
    if "pattern" in slot and not re.search(_pattern(slot), text):
        yield f"{where}: {text!r} does not match {slot['pattern']}"
    if not slot.get("minLength", 0) <= len(text) <= slot.get("maxLength", len(text)):
        yield f"{where}: {text!r} is too short or too long"
    if "minimum" in slot and float(text) < slot["minimum"] or "maximum" in slot and float(text) > slot["maximum"]:
        yield f"{where}: {text} is out of bounds"
