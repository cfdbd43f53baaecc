//! One line of CloudWatch's embedded metric format for each roll call.
//!
//! CloudWatch reads the numbers out of the log, so they cost neither a permission nor a connection.
//! Source: CloudWatch's user guide, "Embedded metric format specification".

use presence::Millis;
use roll_call::{Number, Unit};
use serde_json::{Map, Value, json};

/// Numbers that stand in the line, where a search of the log finds them, and are no metrics: no alarm and no graph asks for
/// them, and each metric has its price.
const FIELDS: [&str; 5] = ["Watched", "Committed", "Superseded", "Published", "Announced"];

/// The line of a roll call. There is one dimension, the stack: each further one, a channel say, would cost a metric's price.
/// A number without a value is left out.
pub(crate) fn line(stack_name: &str, taken_at: Millis, numbers: &[Number]) -> String {
    let known = || numbers.iter().filter_map(|number| Some((number, number.value?)));
    let metrics: Vec<Value> = known()
        .filter(|(number, _)| !FIELDS.contains(&number.name))
        .map(|(number, _)| {
            let unit = match number.unit {
                Unit::Count => "Count",
                Unit::Milliseconds => "Milliseconds",
                Unit::Seconds => "Seconds",
            };
            json!({"Name": number.name, "Unit": unit})
        })
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": taken_at,
            "CloudWatchMetrics": [{"Namespace": "Rollcall", "Dimensions": [["Stack"]], "Metrics": metrics}],
        }),
    );
    line.insert("Stack".to_owned(), stack_name.into());
    line.extend(known().map(|(number, value)| (number.name.to_owned(), value.into())));
    Value::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use roll_call::RollCallReport;

    #[test]
    fn every_number_is_in_the_line_and_every_metric_has_one() {
        let report = RollCallReport {
            oldest: Some(61_500),
            shards: Some(3),
            is_shard: true,
            ..RollCallReport::default()
        };
        let numbers = report.numbers(true);
        let line: Value = serde_json::from_str(&line("x", 7, &numbers)).unwrap();
        assert_eq!(line["AgeSeconds"], 61);
        for Number { name, .. } in numbers {
            assert!(line[name].is_u64(), "{name}");
        }
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        let metrics: Vec<&str> =
            metrics.iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
        let expected = numbers.map(|number| number.name);
        let expected: Vec<&str> =
            expected.into_iter().filter(|name| !FIELDS.contains(name)).collect();
        assert_eq!(metrics, expected);
        assert_eq!(metrics.len() + FIELDS.len(), numbers.len(), "each field is a number");
    }

    #[test]
    fn a_first_view_has_no_age_and_one_invocation_no_shards() {
        let line = line("x", 7, &RollCallReport::default().numbers(true));
        assert!(!line.contains("AgeSeconds") && !line.contains("Shards"), "{line}");
    }
}
