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
    let with_unit =
        |unit: &'static str| move |(name, _): &(&str, u64)| json!({"Name": name, "Unit": unit});
    let metrics: Vec<Value> = counts
        .iter()
        .map(with_unit("Count"))
        .chain(times.iter().map(with_unit("Milliseconds")))
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
    line.extend(
        counts.into_iter().chain(times).map(|(name, value)| (name.to_owned(), value.into())),
    );
    Value::Object(line).to_string()
}
