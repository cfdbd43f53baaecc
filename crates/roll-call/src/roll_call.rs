//! The way of one roll call, or of a shard of one: the channels are listed, batches of them go their way side by side, and
//! when all are through what changed is announced. A roll call of too many channels is handed out in shards.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::ops::Range;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use centrifugo::Client;
use futures_util::future::{self, Either, FutureExt as _};
use futures_util::lock::Mutex;
use futures_util::stream::{FuturesUnordered, StreamExt as _, select};
use presence::{Clock, Millis};
use store::Store;

use crate::announce::announce;
use crate::announcer::Announcer;
use crate::batch::{Batch, Batches};
use crate::config::Config;
use crate::failure::{NothingCommitted, Step};
use crate::hand_out::hand_out;
use crate::listing;
use crate::progress::Progress;
use crate::report::RollCallReport;
use crate::rest::Rest;
use crate::shard::{Shard, ShardBus};
use crate::spent::Spent;
use crate::take::RollCall;
use crate::watched::Watched;

/// Channels per call: enough to make the round trips cheap, few enough to keep their answers small in memory.
const ASKED_AT_ONCE: usize = 250;
/// Batches asked or committed at once: while one is committed, the next is asked. A third costs memory and saves nothing.
const BATCHES_AT_ONCE: usize = 2;
/// As many may be published beside them, which waits for Centrifugo and for nothing else.
const PUBLISHED_AT_ONCE: usize = 2;
/// As many bytes of answers may be under way at once: where a batch's are more, one follows the other.
const BYTES_AT_ONCE: usize = 8 * 1024 * 1024;

/// Takes roll calls. One per process; it holds the connections.
pub struct Collector {
    pub(crate) config: Config,
    centrifugo: Client,
    pub(crate) store: Store,
    announcer: Option<Box<dyn Announcer>>,
    shard_bus: Option<Box<dyn ShardBus>>,
    clock: Clock,
    /// Bytes of the greatest answer to a batch of the last roll call; none is known at first.
    answer_bytes: AtomicUsize,
}

/// What is to be taken.
#[derive(Debug, Clone, Copy)]
enum Part<'s> {
    All,
    Shard(&'s Shard),
}

impl Collector {
    /// A collector with its collaborators. Nobody is told of changes, and it takes all channels itself.
    pub fn new(config: Config, centrifugo: Client, store: Store, clock: Clock) -> Self {
        let answer_bytes = AtomicUsize::new(BYTES_AT_ONCE);
        Self { config, centrifugo, store, announcer: None, shard_bus: None, clock, answer_bytes }
    }

    /// The same, which tells somebody of changes.
    #[must_use]
    pub fn announcing(self, announcer: impl Announcer + 'static) -> Self {
        Self { announcer: Some(Box::new(announcer)), ..self }
    }

    /// The same, which hands out what is too much for it.
    #[must_use]
    pub fn handing_out(self, shard_bus: impl ShardBus + 'static) -> Self {
        Self { shard_bus: Some(Box::new(shard_bus)), ..self }
    }

    /// Makes the first connection to Redis; a failure is left to the first roll call to tell.
    pub async fn connect(&self) {
        if let Err(error) = self.store.ping().await {
            tracing::warn!("Redis does not answer at the start: {error}");
        }
    }

    pub(crate) fn now(&self) -> Millis {
        (self.clock)()
    }

    /// Takes one roll call of all watched channels, for the moment `taken_at`, within that time.
    ///
    /// The report tells all that happened; beside it stands why nothing could be committed, where that is so.
    pub async fn roll_call(
        &self,
        taken_at: Millis,
        within: Duration,
    ) -> (RollCallReport, Option<NothingCommitted>) {
        self.roll_call_unless(taken_at, within, pending()).await
    }

    /// The same, unless it is cut off before: what is open then is reported as it is where its time is over.
    pub async fn roll_call_unless(
        &self,
        taken_at: Millis,
        within: Duration,
        cut_off: impl Future<Output = ()>,
    ) -> (RollCallReport, Option<NothingCommitted>) {
        self.take(taken_at, Part::All, within, cut_off).await
    }

    /// Takes the roll call of a shard's channels, for the moment of its plan, within that time: of those that are watched, and
    /// unless it is another stack's. One that begins later than a period after that moment is left to the next roll call.
    ///
    /// The answer is that of [`Self::roll_call`].
    pub async fn shard(
        &self,
        shard: &Shard,
        within: Duration,
    ) -> (RollCallReport, Option<NothingCommitted>) {
        let taken_at = shard.taken_at;
        let late = self.now() > taken_at + self.config.scope.period.millis();
        if late || shard.stack != self.config.stack_name {
            return (RollCallReport { taken_at, late, is_shard: true, ..Default::default() }, None);
        }
        let (mut report, error) = self.take(taken_at, Part::Shard(shard), within, pending()).await;
        report.is_shard = true;
        (report, error)
    }

    async fn take(
        &self,
        taken_at: Millis,
        part: Part<'_>,
        within: Duration,
        cut_off: impl Future<Output = ()>,
    ) -> (RollCallReport, Option<NothingCommitted>) {
        self.centrifugo.take_heart();
        self.store.take_heart();
        let (mut progress, spent) = (Progress::new(taken_at), Spent::default());
        // Boxed: the futures of the clients below are deep, and their types nest in every caller's.
        let all = Box::pin(self.take_all(part, within, &mut progress, &spent));
        let cut_off = pin!(cut_off);
        let all = future::select(all, cut_off).map(|end| matches!(end, Either::Left(_)));
        let is_through = tokio::time::timeout(within, all).await.unwrap_or(false);
        if !is_through {
            progress.cut_off();
        }
        progress.finish(spent)
    }

    async fn take_all(
        &self,
        part: Part<'_>,
        within: Duration,
        progress: &mut Progress,
        spent: &Spent,
    ) {
        let listing = spent.spend(Step::List);
        let Some(mut watched) = self.list(part, progress).await else { return };
        if let (Part::All, Some(bus)) = (part, &self.shard_bus) {
            let (taken_at, within) = (progress.report.taken_at, within / 2);
            watched =
                hand_out(bus.as_ref(), &self.config, watched, taken_at, within, progress).await;
            progress.begin(&watched.channels);
        }
        drop(listing);
        let rest = self.take_batches(&watched, progress, spent).await;
        self.end(&watched, rest, progress, spent).await;
    }

    /// Takes all channels, several batches at once, the first in the list first.
    async fn take_batches(
        &self,
        watched: &Watched,
        progress: &mut Progress,
        spent: &Spent,
    ) -> Rest {
        let batches = Batches {
            config: &self.config,
            centrifugo: &self.centrifugo,
            store: &self.store,
            clock: &self.clock,
            watched,
            roll_call: RollCall {
                taken_at: progress.report.taken_at,
                is_baseline: watched.is_baseline,
                announces: self.announcer.is_some(),
            },
            progress: &RefCell::new(progress),
            spent,
            rest: RefCell::default(),
            halved: Cell::default(),
            turn: Mutex::default(),
        };
        let n_channels = watched.channels.len();
        let mut waiting: Vec<Range<usize>> = (0..n_channels)
            .step_by(ASKED_AT_ONCE)
            .map(|from| from..n_channels.min(from + ASKED_AT_ONCE))
            .rev()
            .collect();
        let mut greatest = self.answer_bytes.load(Ordering::Relaxed);
        let mut answers = 0;
        let mut taken = FuturesUnordered::new();
        let mut published = FuturesUnordered::new();
        loop {
            let (most_taken, most) = if greatest * BATCHES_AT_ONCE <= BYTES_AT_ONCE {
                (BATCHES_AT_ONCE, BATCHES_AT_ONCE + PUBLISHED_AT_ONCE)
            } else {
                (1, 1)
            };
            while taken.len() < most_taken
                && taken.len() + published.len() < most
                && let Some(places) = waiting.pop()
            {
                let batches = &batches;
                taken.push(async move { (batches.take(places.clone()).await, places) });
            }
            let done =
                select(taken.by_ref().map(Either::Left), published.by_ref().map(Either::Right))
                    .next()
                    .await;
            match done {
                None => break,
                Some(Either::Left((Some(Batch { answer_bytes, committed }), _))) => {
                    let publish = batches.publish(committed);
                    published.push(publish.map(move |()| answer_bytes));
                }
                Some(Either::Right(answer_bytes)) => {
                    answers = answers.max(answer_bytes);
                    greatest = answers;
                }
                Some(Either::Left((None, places))) => {
                    let middle = places.start + places.len() / 2;
                    waiting.extend([middle..places.end, places.start..middle]);
                    greatest = BYTES_AT_ONCE;
                }
            }
        }
        drop((taken, published));
        self.answer_bytes.store(greatest, Ordering::Relaxed);
        batches.rest.into_inner()
    }

    /// The channels of this roll call, remembered before anything of them is committed or handed out.
    async fn list(&self, part: Part<'_>, progress: &mut Progress) -> Option<Watched> {
        let Config { scope, channels_max, .. } = &self.config;
        let (store, taken_at) = (&self.store, progress.report.taken_at);
        let watched = match part {
            Part::All => {
                listing::list(store, &self.centrifugo, &scope.watch, *channels_max, progress).await
            }
            Part::Shard(shard) => Watched::of_shard(store, &scope.watch, shard).await,
        };
        let expected = match watched {
            Ok(watched) => watched.expect(store, taken_at).await.map(|()| watched),
            Err(error) => Err(error),
        };
        match expected {
            Ok(watched) => {
                progress.report.watched = watched.channels.len();
                progress.begin(&watched.channels);
                Some(watched)
            }
            Err(error) => {
                progress.note("*", Step::List, error);
                None
            }
        }
    }

    /// What comes after the last channel: the list is kept, the events are sent, and what is settled is forgotten.
    async fn end(&self, watched: &Watched, mut rest: Rest, progress: &mut Progress, spent: &Spent) {
        let taken_at = progress.report.taken_at;
        let keeping = spent.spend(Step::Commit);
        if let Err(error) = watched.keep(&self.store, progress.is_through()).await {
            progress.note("*", Step::Commit, error);
        }
        drop(keeping);
        if let Some(announcer) = &self.announcer {
            let _announcing = spent.spend(Step::Announce);
            let (announcer, channels) = (announcer.as_ref(), &watched.channels);
            let unannounced =
                announce(announcer, &self.store, channels, rest.parcels, progress).await;
            rest.settled.retain(|place| !unannounced.contains(place));
        }
        let _forgetting = spent.spend(Step::Commit);
        if let Err(error) = watched.forget(&self.store, &rest.settled, taken_at, self.now()).await {
            progress.note("*", Step::Commit, error);
        }
    }
}
