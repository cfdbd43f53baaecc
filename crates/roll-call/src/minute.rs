//! Takes the roll calls of a minute.

use std::time::Duration;

use presence::Millis;

use crate::failure::NothingCommitted;
use crate::report::{Report, RollCallReport};
use crate::roll_call::Collector;
use crate::schedule;

/// Less time than this, in milliseconds, is not worth a roll call.
const LEAST: Millis = 2000;

/// Takes the roll calls that begin now and in the rest of this minute, all of them before `end` (ms since the Unix epoch).
/// The numbers of each are given to `tell`, with the error where nothing could be committed.
///
/// # Errors
/// Where nothing could be committed.
pub async fn minute(
    collector: &Collector,
    end: Millis,
    tell: impl Fn(&RollCallReport, Option<&NothingCommitted>),
) -> Result<Report, NothingCommitted> {
    let start = collector.now();
    let period = collector.config.scope.period;
    let end = schedule::end(start, period, end);
    let mut roll_calls = Vec::new();
    let mut last_error = None;
    for begin in schedule::begins(start, period) {
        let wait = match begin.checked_sub(collector.now()) {
            Some(wait) => wait,
            // The one before took so long that this one's time is over, and it shows the same.
            None if !roll_calls.is_empty() => continue,
            None => 0,
        };
        if begin + LEAST > end && !roll_calls.is_empty() {
            break;
        }
        // A clock that was set back meanwhile must not make it longer than it can be.
        tokio::time::sleep(Duration::from_millis(wait.min(period.millis()))).await;
        let within = Duration::from_millis(end.saturating_sub(collector.now()).max(LEAST));
        let (report, error) = collector.roll_call(within).await;
        report.log(error.as_ref());
        tell(&report, error.as_ref());
        last_error = error;
        roll_calls.push(report);
    }
    let kept_something = |report: &RollCallReport| report.committed + report.superseded > 0;
    match last_error {
        Some(error) if !roll_calls.iter().any(kept_something) => Err(error),
        _ => Ok(Report { roll_calls }),
    }
}
