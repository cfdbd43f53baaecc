//! The Lambda side: an event starts roll calls or brings a shard, the report is the answer.

use lambda_runtime::{Diagnostic, LambdaEvent};
use presence::Millis;
use roll_call::{Collector, NothingCommitted, Report, RollCallReport, Shard, minute, shard};
use serde_json::{Map, Value};

use crate::emf;

/// Milliseconds kept back from the function's timeout to write the report.
const RESERVE: Millis = 2000;

/// Takes what an invocation is for: a shard, where EventBridge hands one out; else the roll calls of this minute, whatever
/// the event says. The schedule may be late or repeat itself, so what it says of the time is not used.
///
/// # Errors
/// Where nothing could be committed, nor handed out, or a shard can't be read: the runtime logs it.
pub async fn handle(
    collector: &Collector,
    stack_name: &str,
    event: LambdaEvent<Map<String, Value>>,
) -> Result<Report, Diagnostic> {
    let end = event.context.deadline.saturating_sub(RESERVE);
    let tell = |report: &RollCallReport, error: Option<&NothingCommitted>| {
        print_metrics(&emf::line(stack_name, report.taken_at, &report.numbers(error.is_none())));
    };
    let event = &event.payload;
    let text = |name| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let report = if event_bus::is_shard(text("source"), text("detail-type")) {
        let due = Shard::read(event.get("detail").unwrap_or(&Value::Null));
        let due = due.map_err(|error| Diagnostic {
            error_type: "ShardUnreadable".to_owned(),
            error_message: format!("A shard can't be read: {error}"),
        })?;
        shard(collector, &due, end, tell).await
    } else {
        minute(collector, end, tell).await
    };
    report.map_err(|error| Diagnostic {
        error_type: error.error_type().to_owned(),
        error_message: error.to_string(),
    })
}

#[expect(
    clippy::print_stdout,
    reason = "CloudWatch takes metrics from a line of their own on stdout"
)]
fn print_metrics(line: &str) {
    println!("{line}");
}
