//! Takes the roll calls, one after the other, on a thread of their own: working through a big channel holds up no reader.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use presence::{Clock, Period};
use roll_call::{Collector, NothingCommitted};
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::collector::WITHIN;
use crate::metrics::Metrics;
use crate::stop;
use crate::timetable::Timetable;

/// How long the roll call under way may go on once the program is to end.
const LAST: Duration = Duration::from_secs(8);

/// Begins to take roll calls, until `stopped` says otherwise. Gives what tells how that ended; it is closed where a fault
/// ended it.
///
/// # Errors
/// There can be no thread.
pub(crate) fn start(
    collector: Collector,
    period: Period,
    clock: Clock,
    stopped: watch::Receiver<bool>,
    metrics: Arc<Metrics>,
) -> anyhow::Result<oneshot::Receiver<()>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (end, ended) = oneshot::channel();
    let take = move || {
        runtime.block_on(take_all(&collector, period, &clock, stopped, &metrics));
        // Whoever still looks a name up is not waited for.
        runtime.shutdown_background();
        let _ = end.send(());
    };
    thread::Builder::new().name("roll-calls".to_owned()).spawn(take).context("no thread")?;
    Ok(ended)
}

async fn take_all(
    collector: &Collector,
    period: Period,
    clock: &Clock,
    mut stopped: watch::Receiver<bool>,
    metrics: &Metrics,
) {
    let mut timetable = Timetable::from(clock(), period);
    let mut trouble = Trouble::default();
    // What was kept by whoever was here before is good for a period.
    let mut is_due = tokio::select! {
        is_fresh = collector.is_fresh() => !is_fresh,
        () = stop::told(&mut stopped) => return,
    };
    loop {
        let moment = if std::mem::take(&mut is_due) {
            timetable.last()
        } else {
            tokio::select! {
                moment = timetable.next(clock) => moment,
                () = stop::told(&mut stopped) => return,
            }
        };
        let mut cut_off = stopped.clone();
        let cut_off = async {
            stop::told(&mut cut_off).await;
            tokio::time::sleep(LAST).await;
        };
        let begun = Instant::now();
        let (report, error) = roll_call::once(collector, moment, WITHIN, cut_off).await;
        metrics.roll_call(&report, error.is_none(), begun.elapsed());
        trouble.tell(error.as_ref());
    }
}

/// What keeps roll calls from being taken, said once and not each period.
#[derive(Default)]
struct Trouble(Option<String>);

impl Trouble {
    fn tell(&mut self, error: Option<&NothingCommitted>) {
        let now = error.map(|error| format!("{}: {error}", error.error_type()));
        if now == self.0 {
            return;
        }
        match &now {
            Some(error) => tracing::error!("{error} (tried again each period)"),
            None => tracing::info!("Roll calls are taken again"),
        }
        self.0 = now;
    }
}
