"""Parameters as CloudFormation checks them before it begins, which moto leaves out: patterns, bounds and Rules."""

import re


def problems(template: dict, given: dict) -> list[str]:
    """Everything that is wrong with the parameters, in the template's own sentences."""
    declared = template.get("Parameters", {})
    unknown = [f"Parameters: [{name}] do not exist in the template" for name in given if name not in declared]
    values = {name: given.get(name, slot.get("Default")) for name, slot in declared.items()}
    missing = [f"Parameters: [{name}] must have values" for name, value in values.items() if value is None]
    if unknown or missing:
        return unknown + missing
    wrong = [
        f"Parameter {name}: {slot.get('ConstraintDescription', 'failed its constraint')}"
        for name, slot in declared.items()
        if not _fits(slot, str(values[name]))
    ]
    return wrong + _broken_rules(template.get("Rules", {}), values)


def _fits(slot: dict, text: str) -> bool:
    if "AllowedPattern" in slot and not re.fullmatch(slot["AllowedPattern"], text):
        return False
    if "AllowedValues" in slot and text not in map(str, slot["AllowedValues"]):
        return False
    if "MinLength" in slot and len(text) < int(slot["MinLength"]):
        return False
    if "MaxLength" in slot and len(text) > int(slot["MaxLength"]):
        return False
    if slot["Type"] == "Number":
        try:
            number = float(text)
        except ValueError:
            return False
        return float(slot.get("MinValue", number)) <= number <= float(slot.get("MaxValue", number))
    return True


def _broken_rules(rules: dict, values: dict) -> list[str]:
    broken = []
    for rule in rules.values():
        if "RuleCondition" in rule and not _holds(rule["RuleCondition"], values):
            continue
        for assertion in rule["Assertions"]:
            if not _holds(assertion["Assert"], values):
                broken.append(assertion["AssertDescription"])
    return broken


def _holds(node, values: dict):
    if not isinstance(node, dict):
        return node
    ((name, argument),) = node.items()
    match name:
        case "Ref":
            return str(values[argument])
        case "Fn::Equals":
            first, second = (_holds(item, values) for item in argument)
            return first == second
        case "Fn::Not":
            return not _holds(argument[0], values)
        case "Fn::And":
            return all(_holds(item, values) for item in argument)
        case "Fn::Or":
            return any(_holds(item, values) for item in argument)
    raise NotImplementedError(f"a rule with {name}: teach rules.py")
