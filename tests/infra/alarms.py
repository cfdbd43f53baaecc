"""CloudWatch's alarms, as its user guide says how their state is found ("Alarm evaluation", "Missing data")."""

import ast
import operator

# It looks at more datapoints than an alarm evaluates, and does not say how many more: at none, or as in its examples.
FARTHER_BACK = [0, 2]

_COMPARES = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_COMPUTES = {ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Add: operator.add, ast.Sub: operator.sub}


def fires(alarm: dict, series: dict[str, list], farther_back: int) -> bool:
    """Whether the alarm is ever in ALARM. A series has the value of a metric, by its name, in each of the alarm's
    periods; None is a missing one."""
    values = _datapoints(alarm, series)
    # Before the first and after the last nothing is known.
    number = alarm["EvaluationPeriods"]
    return any(
        _in_alarm(alarm, values[max(0, end - number - farther_back) : end]) for end in range(number, len(values) + 1)
    )


def metrics(alarm: dict) -> list[dict]:
    """The metrics that an alarm asks for: name, period and statistic."""
    if "MetricName" in alarm:
        return [{"MetricName": alarm["MetricName"], "Period": alarm["Period"]}]
    stats = [it["MetricStat"] for it in alarm["Metrics"] if "MetricStat" in it]
    return [{"MetricName": it["Metric"]["MetricName"], "Period": it["Period"]} for it in stats]


def _in_alarm(alarm: dict, values: list) -> bool:
    number = alarm["EvaluationPeriods"]
    real = [value for value in values if value is not None][-number:]
    compare = _COMPARES[alarm["ComparisonOperator"]]
    breaching = sum(compare(value, float(alarm["Threshold"])) for value in real)
    if alarm["TreatMissingData"] == "breaching":
        breaching += number - len(real)
    else:
        assert alarm["TreatMissingData"] == "notBreaching", "teach alarms.py"
    return breaching >= alarm.get("DatapointsToAlarm", number)


def _datapoints(alarm: dict, series: dict[str, list]) -> list:
    if "MetricName" in alarm:
        return series[alarm["MetricName"]]
    ids = {it["Id"]: it["MetricStat"]["Metric"]["MetricName"] for it in alarm["Metrics"] if "MetricStat" in it}
    (expression,) = [it["Expression"] for it in alarm["Metrics"] if "Expression" in it]
    tree = ast.parse(expression, mode="eval").body
    length = len(next(iter(series.values())))
    return [_value(tree, {it: series[name][at] for it, name in ids.items()}) for at in range(length)]


def _value(node, names: dict):
    """Metric math; of what is missing nothing comes, nor of a division by zero."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names[node.id]
        case ast.Call(func=ast.Name(id="FILL"), args=[value, other]):
            found = _value(value, names)
            return _value(other, names) if found is None else found
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, other]):
            holds = _value(condition, names)
            return None if holds is None else _value(then if holds else other, names)
        case ast.Compare(left=left, ops=[ast.GtE()], comparators=[right]):
            first, second = _value(left, names), _value(right, names)
            return None if None in (first, second) else first >= second
        case ast.BinOp(left=left, op=op, right=right):
            first, second = _value(left, names), _value(right, names)
            if None in (first, second) or (isinstance(op, ast.Div) and second == 0):
                return None
            return _COMPUTES[type(op)](first, second)
    raise NotImplementedError(f"{ast.unparse(node)}: teach alarms.py")
