//! The Lambda side: an event starts roll calls, the report is the answer.

use lambda_runtime::{Diagnostic, LambdaEvent};
use presence::Millis;
use roll_call::{Collector, NothingCommitted, Report, RollCallReport, minute};
use serde_json::{Map, Value};

use crate::emf;

/// Milliseconds kept back from the function's timeout to write the report.
const RESERVE: Millis = 2000;

/// Takes the roll calls of one invocation. The schedule may be late or repeat itself, so what the event says of the time is
/// not used.
///
/// # Errors
/// Where nothing could be committed: the runtime logs it.
pub async fn handle(
    collector: &Collector,
    stack_name: &str,
    event: LambdaEvent<Map<String, Value>>,
) -> Result<Report, Diagnostic> {
    let end = event.context.deadline.saturating_sub(RESERVE);
    let tell = |report: &RollCallReport, error: Option<&NothingCommitted>| {
        print_metrics(&emf::line(stack_name, report.taken_at, &report.numbers(error.is_none())));
    };
    minute(collector, end, tell).await.map_err(|error| Diagnostic {
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
