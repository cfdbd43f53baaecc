//! The Lambda side: an event starts a roll call, the report is the answer.

use lambda_runtime::LambdaEvent;
use presence::Millis;
use serde_json::{Map, Value};

use crate::report::{NothingCommitted, Report};
use crate::roll_call::Collector;

/// Takes the roll call of one invocation. `now` reads the collector's clock: the schedule may be late or repeat itself,
/// so what the event says of the time is not used.
///
/// # Errors
/// Where nothing could be committed.
pub async fn handle(
    collector: &Collector,
    _event: LambdaEvent<Map<String, Value>>,
    now: impl Fn() -> Millis,
) -> Result<Report, NothingCommitted> {
    let report = collector.roll_call(&now).await?;
    for failed in &report.failed {
        tracing::warn!(
            channel = failed.channel,
            "Channel `{}` failed: {}",
            failed.channel,
            failed.error
        );
    }
    tracing::info!(
        taken_at_ms = report.taken_at,
        watched = report.watched,
        committed = report.committed,
        superseded = report.superseded,
        published = report.published,
        "Roll call taken: {} of {} channels committed",
        report.committed,
        report.watched
    );
    Ok(Report { roll_calls: vec![report] })
}
