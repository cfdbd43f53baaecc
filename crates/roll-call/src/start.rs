//! Takes the roll calls of one start.

use std::time::Duration;

use presence::{Millis, Period};
use tokio::time::Instant;

use crate::failure::NothingCommitted;
use crate::report::{Report, RollCallReport};
use crate::roll_call::Collector;
use crate::schedule;

/// Less time than this, in milliseconds, is not worth a roll call.
const LEAST: Millis = 2000;

/// Takes the roll calls of a start now, all of them before `end` (ms since the Unix epoch): one at once, or with a shorter
/// period those of the next minute and a little more. The numbers of each are given to `tell`, with the error where nothing
/// could be committed.
///
/// # Errors
/// Where none of them could commit anything.
pub async fn minute(
    collector: &Collector,
    end: Millis,
    tell: impl Fn(&RollCallReport, Option<&NothingCommitted>),
) -> Result<Report, NothingCommitted> {
    let period = collector.config.scope.period;
    let start = collector.now();
    let mut roll_calls = Vec::new();
    let mut last_error = None;
    for moment in schedule::moments(start, period) {
        // The one before took so long that this one's time is over.
        if schedule::is_over(moment, collector.now(), period) {
            continue;
        }
        let could_end = moment.max(collector.now()) + LEAST <= end;
        if moment > start && !(could_end && has_come(collector, moment, period).await) {
            break;
        }
        let within = Duration::from_millis(end.saturating_sub(collector.now()).max(LEAST));
        let (report, error) = collector.roll_call(moment, within).await;
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

/// Waits for a moment; `false` where it is still to come after two periods, since the clock was set back. The next start
/// then knows better what time it is.
async fn has_come(collector: &Collector, moment: Millis, period: Period) -> bool {
    let begun = Instant::now();
    let longest = Duration::from_millis(2 * period.millis());
    loop {
        let wait = Duration::from_millis(moment.saturating_sub(collector.now()));
        if wait.is_zero() || begun.elapsed() >= longest {
            return wait.is_zero();
        }
        tokio::time::sleep(wait.min(longest)).await;
    }
}
