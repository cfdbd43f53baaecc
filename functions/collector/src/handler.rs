//! The Lambda side: an event starts the roll calls of a minute, the report is the answer.

use std::collections::BTreeMap;
use std::time::Duration;

use lambda_runtime::LambdaEvent;
use presence::Millis;
use serde_json::{Map, Value};

use crate::metrics;
use crate::report::{NothingCommitted, Report, RollCallReport};
use crate::roll_call::Collector;
use crate::schedule::{begins, end};

/// Time kept back from the function's timeout to write the report.
const RESERVE: Millis = 2000;
/// Less time than this is not worth a roll call.
const LEAST: Millis = 2000;

/// Takes the roll calls of one invocation. `now` reads the collector's clock: the schedule may be late or repeat
/// itself, so what the event says of the time is not used.
///
/// # Errors
/// Where nothing could be committed.
pub async fn handle(
    collector: &Collector,
    event: LambdaEvent<Map<String, Value>>,
    now: impl Fn() -> Millis,
) -> Result<Report, NothingCommitted> {
    invocation(collector, event.context.deadline, now).await
}

/// Takes the roll calls of an invocation that is cut off at `deadline` (ms since the Unix epoch).
///
/// # Errors
/// Where nothing could be committed.
pub async fn invocation(
    collector: &Collector,
    deadline: Millis,
    now: impl Fn() -> Millis,
) -> Result<Report, NothingCommitted> {
    let start = now();
    let period = collector.config.scope.period;
    let end = end(start, period, deadline.saturating_sub(RESERVE));
    let mut roll_calls = Vec::new();
    let mut last_error = None;
    for begin in begins(start, period) {
        let wait = match begin.checked_sub(now()) {
            Some(wait) => wait,
            // The one before took so long that this one's time is over, and it shows the same.
            None if !roll_calls.is_empty() => continue,
            None => 0,
        };
        if begin + LEAST > end && !roll_calls.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let within = Duration::from_millis(end.saturating_sub(now()).max(LEAST));
        let (report, error) = collector.roll_call(&now, within).await;
        tell(collector, &report, error.as_ref());
        last_error = error;
        roll_calls.push(report);
    }
    let kept_something = |report: &RollCallReport| report.committed + report.superseded > 0;
    match last_error {
        Some(error) if !roll_calls.iter().any(kept_something) => Err(error),
        _ => Ok(Report { roll_calls }),
    }
}

/// Logs a roll call, and gives its numbers to CloudWatch. What makes the whole invocation fail is logged by the runtime.
#[expect(
    clippy::print_stdout,
    reason = "CloudWatch takes metrics from a line of their own on stdout"
)]
fn tell(collector: &Collector, report: &RollCallReport, error: Option<&NothingCommitted>) {
    if error.is_none() {
        // What fails one channel often fails thousands: a line for each kind of failure, not for each channel.
        let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for failed in &report.failed {
            kinds.entry(&failed.error).or_default().push(&failed.channel);
        }
        for (error, channels) in kinds {
            let (n_channels, first) = (channels.len(), channels[0]);
            tracing::warn!(
                channel = first,
                n_channels,
                "Channel `{first}` failed (one of {n_channels}): {error}"
            );
        }
        tracing::info!(
            roll_call.taken_at = report.taken_at,
            roll_call.watched = report.watched,
            roll_call.committed = report.committed,
            "Roll call taken: {} of {} channels committed",
            report.committed,
            report.watched
        );
    }
    println!("{}", metrics::line(&collector.config.stack_name, report, error.is_none()));
}
