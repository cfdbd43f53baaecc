//! Takes what one start is for: the roll calls of a minute, or a shard.

use std::time::Duration;

use presence::{Millis, Period};
use tokio::time::Instant;

use crate::failure::NothingCommitted;
use crate::report::{Report, RollCallReport};
use crate::roll_call::Collector;
use crate::schedule;
use crate::shard::Shard;

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
        let (report, error) = collector.roll_call(moment, time_until(end, collector)).await;
        report.log(error.as_ref());
        tell(&report, error.as_ref());
        last_error = error;
        roll_calls.push(report);
    }
    match last_error {
        Some(error) if !roll_calls.iter().any(|report| report.reached() > 0) => Err(error),
        _ => Ok(Report { roll_calls }),
    }
}

/// Takes one roll call, for the moment `taken_at`, within that time and unless it is cut off before.
///
/// The report tells all that happened; beside it stands why nothing could be committed, where that is so: the rest is in the
/// log already.
pub async fn once(
    collector: &Collector,
    taken_at: Millis,
    within: Duration,
    cut_off: impl Future<Output = ()>,
) -> (RollCallReport, Option<NothingCommitted>) {
    let (report, error) = collector.roll_call_unless(taken_at, within, cut_off).await;
    report.log(error.as_ref());
    (report, error)
}

/// Takes a shard before `end` (ms since the Unix epoch). Its numbers are given to `tell`, with the error where nothing could be
/// committed, unless there was nothing to be taken: it came too late, or nothing of it is watched here.
///
/// # Errors
/// Where nothing of it could be committed.
pub async fn shard(
    collector: &Collector,
    shard: &Shard,
    end: Millis,
    tell: impl Fn(&RollCallReport, Option<&NothingCommitted>),
) -> Result<Report, NothingCommitted> {
    let (report, error) = collector.shard(shard, time_until(end, collector)).await;
    if report.watched > 0 || error.is_some() {
        report.log(error.as_ref());
        tell(&report, error.as_ref());
    } else {
        let (number, n_shards) = (shard.shard, shard.shards);
        let reason = if report.late { "it came too late" } else { "nothing of it is watched here" };
        tracing::warn!(
            roll_call.taken_at = shard.taken_at,
            "Shard {number} of {n_shards} is not taken: {reason}"
        );
    }
    match error {
        Some(error) => Err(error),
        None => Ok(Report { roll_calls: vec![report] }),
    }
}

fn time_until(end: Millis, collector: &Collector) -> Duration {
    Duration::from_millis(end.saturating_sub(collector.now()).max(LEAST))
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
