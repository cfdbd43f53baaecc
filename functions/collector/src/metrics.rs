//! One line of CloudWatch's embedded metric format for each roll call.
//!
//! CloudWatch reads the numbers out of the log, so they cost neither a permission nor a connection.
//! Source: CloudWatch's user guide, "Embedded metric format specification".

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::report::RollCallReport;

/// The line of a roll call that went well or did not. There is one dimension, the stack: each further one, a channel
/// say, would cost a metric's price.
pub fn line(stack_name: &str, report: &RollCallReport, went_well: bool) -> String {
    let millis = |spent: Duration| u64::try_from(spent.as_millis()).unwrap_or(u64::MAX);
    let counts = [
        ("RollCallOk", u64::from(went_well)),
        ("Watched", report.watched as u64),
        ("Committed", report.committed as u64),
        ("Failed", report.failed.len() as u64),
        ("Superseded", report.superseded as u64),
        ("Present", report.present),
        ("Clients", report.clients),
        ("Joined", report.joined as u64),
        ("Left", report.left as u64),
        ("Announced", report.announced as u64),
    ];
    let times = [
        ("AskMs", millis(report.spent.ask)),
        ("CommitMs", millis(report.spent.commit)),
        ("PublishMs", millis(report.spent.publish)),
        ("AnnounceMs", millis(report.spent.announce)),
    ];
    // A first view replaces none, and no age is not an age of 0.
    let age = report.oldest.map(|oldest| ("AgeSeconds", oldest / 1000));
    let with_unit =
        |unit: &'static str| move |(name, _): &(&str, u64)| json!({"Name": name, "Unit": unit});
    let metrics: Vec<Value> = counts
        .iter()
        .map(with_unit("Count"))
        .chain(times.iter().map(with_unit("Milliseconds")))
        .chain(age.iter().map(with_unit("Seconds")))
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": report.taken_at,
            "CloudWatchMetrics": [{"Namespace": "Rollcall", "Dimensions": [["Stack"]], "Metrics": metrics}],
        }),
    );
    line.insert("Stack".to_owned(), stack_name.into());
    let numbers = counts.into_iter().chain(times).chain(age);
    line.extend(numbers.map(|(name, value)| (name.to_owned(), value.into())));
    Value::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_its_number() {
        let report = RollCallReport { oldest: Some(61_500), ..RollCallReport::default() };
        let line: Value = serde_json::from_str(&line("x", &report, true)).unwrap();
        assert_eq!(line["AgeSeconds"], 61);
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert_eq!(metrics.len(), 15);
        for metric in metrics {
            assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{metric}");
        }
    }

    #[test]
    fn a_first_view_has_no_age() {
        let line = line("x", &RollCallReport::default(), true);
        assert!(!line.contains("AgeSeconds"), "{line}");
    }
}
