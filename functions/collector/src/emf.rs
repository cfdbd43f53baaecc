//! One line of CloudWatch's embedded metric format for each roll call.
//!
//! CloudWatch reads the numbers out of the log, so they cost neither a permission nor a connection.
//! Source: CloudWatch's user guide, "Embedded metric format specification".

use presence::Millis;
use roll_call::{Number, Unit};
use serde_json::{Map, Value, json};

/// The line of a roll call. There is one dimension, the stack: each further one, a channel say, would cost a metric's price.
/// A number without a value is left out.
pub(crate) fn line(stack_name: &str, taken_at: Millis, numbers: &[Number]) -> String {
    let known = || numbers.iter().filter_map(|number| Some((number, number.value?)));
    let metrics: Vec<Value> = known()
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
    fn every_metric_has_its_number() {
        let report = RollCallReport { oldest: Some(61_500), ..RollCallReport::default() };
        let line: Value = serde_json::from_str(&line("x", 7, &report.numbers(true))).unwrap();
        assert_eq!(line["AgeSeconds"], 61);
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert_eq!(metrics.len(), report.numbers(true).len());
        for metric in metrics {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{metric}");
        }
    }

    #[test]
    fn a_first_view_has_no_age() {
        let line = line("x", 7, &RollCallReport::default().numbers(true));
        assert!(!line.contains("AgeSeconds"), "{line}");
    }
}
