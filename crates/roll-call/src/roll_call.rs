//! The way of one roll call: ask, compare, commit, publish; then, all channels done, announce.

use std::collections::VecDeque;
use std::time::Duration;

use centrifugo::{Client, Error as AskError, PresenceReply};
use presence::{Clock, Millis};
use store::{Outcome, Store};

use crate::announce::{Parcel, announce, parcels};
use crate::announcer::Announcer;
use crate::config::Config;
use crate::failure::{NothingCommitted, Step};
use crate::progress::Progress;
use crate::publish::publish;
use crate::report::RollCallReport;
use crate::take::{RollCall, Taken};
use crate::watched::Watched;

/// Channels per call: enough to make the round trips cheap, few enough to keep their answers small in memory.
const ASKED_AT_ONCE: usize = 250;
/// How often a channel is compared anew when another collector was faster.
const COMPARED_AT_MOST: usize = 3;

/// Takes roll calls. One per process; it holds the connections.
pub struct Collector {
    pub(crate) config: Config,
    centrifugo: Client,
    store: Store,
    announcer: Option<Box<dyn Announcer>>,
    clock: Clock,
}

/// What is left to be done once all channels are committed and published.
#[derive(Default)]
struct Rest {
    parcels: VecDeque<Parcel>,
    /// Channels that need not be asked again, once what they have to announce is announced.
    settled: Vec<String>,
}

impl Collector {
    /// A collector with its collaborators; without an announcer nobody is told of changes.
    pub fn new(
        config: Config,
        centrifugo: Client,
        store: Store,
        announcer: Option<Box<dyn Announcer>>,
        clock: Clock,
    ) -> Self {
        Self { config, centrifugo, store, announcer, clock }
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

    /// Takes one roll call of all watched channels, within that time.
    ///
    /// The report tells all that happened; beside it stands why nothing could be committed, where that is so.
    pub async fn roll_call(&self, within: Duration) -> (RollCallReport, Option<NothingCommitted>) {
        self.centrifugo.take_heart();
        self.store.take_heart();
        let mut progress = Progress::new(self.now());
        // Boxed: the futures of the clients below are deep, and their types nest in every caller's.
        let all = Box::pin(self.take_all(&mut progress));
        if tokio::time::timeout(within, all).await.is_err() {
            progress.cut_off();
        }
        progress.finish()
    }

    async fn take_all(&self, progress: &mut Progress) {
        let Some(watched) = self.list(progress).await else { return };
        let mut rest = Rest::default();
        let channels: Vec<&str> = watched.channels.iter().map(String::as_str).collect();
        let mut batches: Vec<&[&str]> = channels.chunks(ASKED_AT_ONCE).rev().collect();
        while let Some(batch) = batches.pop() {
            progress.enter(Step::Ask);
            let answer = match self.centrifugo.presence(batch).await {
                // One channel too many, or one too big: the halves tell which.
                Err(AskError::TooLarge(_)) if batch.len() > 1 => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.extend([second, first]);
                    continue;
                }
                answer => answer,
            };
            let replies = match &answer {
                Ok(answer) => answer.replies(batch.len()),
                Err(error) => Err(error.clone()),
            };
            let committed = match replies {
                Ok(replies) => self.commit(batch, &replies, &watched, progress).await,
                Err(error) => {
                    progress.fail_all(batch.iter().copied(), Step::Ask, error);
                    continue;
                }
            };
            // The answer of a big channel is the greatest thing in memory.
            drop(answer);
            progress.enter(Step::Publish);
            publish(&self.centrifugo, &self.config.scope, &committed, progress).await;
            rest.of_committed(committed, progress);
        }
        self.end(&watched, rest, progress).await;
    }

    /// The channels of this roll call, remembered before anything of them is committed.
    async fn list(&self, progress: &mut Progress) -> Option<Watched> {
        let Config { scope, channels_max, .. } = &self.config;
        let taken_at = progress.report.taken_at;
        let watched =
            Watched::list(&self.store, &self.centrifugo, &scope.watch, *channels_max, progress)
                .await;
        let expected = match watched {
            Ok(watched) => watched.expect(&self.store, taken_at).await.map(|()| watched),
            Err(error) => Err(error),
        };
        match expected {
            Ok(watched) => {
                progress.begin(&watched.channels);
                Some(watched)
            }
            Err(error) => {
                progress.note("*", Step::List, error);
                None
            }
        }
    }

    /// Compares each channel with its ledger and commits it; gives those that are committed.
    async fn commit(
        &self,
        channels: &[&str],
        replies: &[PresenceReply<'_>],
        watched: &Watched,
        progress: &mut Progress,
    ) -> Vec<Taken> {
        progress.enter(Step::Commit);
        let mut committed = Vec::with_capacity(channels.len());
        let mut open: Vec<(&str, PresenceReply<'_>)> =
            channels.iter().copied().zip(replies.iter().copied()).collect();
        for (channel, _) in &open {
            progress.awaits(channel, Step::Commit);
        }
        for _ in 0..COMPARED_AT_MOST {
            let compared = self.compare(open, watched, progress).await;
            open = self.commit_compared(compared, watched, progress, &mut committed).await;
            if open.is_empty() {
                break;
            }
        }
        for (channel, _) in open {
            // Others committed each time, so the channel is as new as a roll call can make it.
            progress.superseded(channel);
        }
        committed
    }

    /// Reads the ledgers and compares; gives the channels for which that was possible.
    async fn compare<'c>(
        &self,
        open: Vec<(&'c str, PresenceReply<'c>)>,
        watched: &Watched,
        progress: &mut Progress,
    ) -> Vec<(Taken, &'c str, PresenceReply<'c>)> {
        let channels: Vec<&str> = open.iter().map(|(channel, _)| *channel).collect();
        let ledgers = match self.store.ledgers(&channels).await {
            Ok(ledgers) => ledgers,
            Err(error) => {
                progress.fail_all(channels, Step::Commit, error);
                return Vec::new();
            }
        };
        let roll_call = RollCall {
            taken_at: progress.report.taken_at,
            is_baseline: watched.is_baseline(),
            announces: self.announcer.is_some(),
        };
        let mut compared = Vec::with_capacity(open.len());
        for ((channel, reply), ledger) in open.into_iter().zip(ledgers) {
            let ledger = match ledger {
                Ok(ledger) => ledger,
                Err(error) => {
                    progress.fail(channel, Step::Commit, error);
                    continue;
                }
            };
            match Taken::of(&self.config, channel, reply, ledger, roll_call) {
                Ok(taken) => compared.push((taken, channel, reply)),
                Err(error) => progress.fail(channel, Step::Ask, error),
            }
        }
        compared
    }

    /// One try to commit; gives the channels whose ledger was changed by somebody else since it was read.
    async fn commit_compared<'c>(
        &self,
        compared: Vec<(Taken, &'c str, PresenceReply<'c>)>,
        watched: &Watched,
        progress: &mut Progress,
        committed: &mut Vec<Taken>,
    ) -> Vec<(&'c str, PresenceReply<'c>)> {
        if compared.is_empty() {
            return Vec::new();
        }
        let (taken_at, now) = (progress.report.taken_at, self.now());
        let occupied_anew = compared.iter().filter(|(taken, ..)| taken.occupied_anew);
        let occupied_anew = occupied_anew.map(|(_, channel, _)| *channel);
        let commits: Vec<_> = compared
            .iter()
            .map(|(taken, channel, _)| {
                let is_forgotten = taken.settled && !watched.is_named(channel);
                taken.commit(is_forgotten)
            })
            .collect();
        let outcomes = match watched.expect_again(&self.store, occupied_anew, taken_at).await {
            Ok(()) => self.store.commit(&commits, now, self.config.snapshot_ttl).await,
            Err(error) => Err(error),
        };
        let outcomes = match outcomes {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let channels = compared.iter().map(|(_, channel, _)| *channel);
                progress.fail_all(channels, Step::Commit, error);
                return Vec::new();
            }
        };
        let mut changed = Vec::new();
        for ((mut taken, channel, reply), outcome) in compared.into_iter().zip(outcomes) {
            match outcome {
                Ok(Outcome::Changed) => changed.push((channel, reply)),
                Ok(Outcome::Superseded) => progress.superseded(channel),
                Ok(Outcome::Committed(outcome)) => {
                    if outcome.overwritten {
                        tracing::warn!(
                            channel,
                            "Channel {channel:?} held a roll call from the future: a clock is or was wrong"
                        );
                    }
                    progress.report.dropped += outcome.dropped;
                    progress.committed(&taken);
                    taken.waiting = outcome.waiting;
                    committed.push(taken);
                }
                Err(error) => progress.fail(channel, Step::Commit, error),
            }
        }
        changed
    }

    /// What comes after the last channel: the list is kept, the events are sent, and what is settled is forgotten.
    async fn end(&self, watched: &Watched, mut rest: Rest, progress: &mut Progress) {
        let taken_at = progress.report.taken_at;
        progress.enter(Step::Commit);
        if let Err(error) = watched.keep(&self.store, progress.is_through()).await {
            progress.note("*", Step::Commit, error);
        }
        if let Some(announcer) = &self.announcer {
            progress.enter(Step::Announce);
            let unannounced =
                announce(announcer.as_ref(), &self.store, rest.parcels, progress).await;
            rest.settled.retain(|channel| !unannounced.contains(channel));
        }
        progress.enter(Step::Commit);
        let watch = &self.config.scope.watch;
        if let Err(error) = watched.forget(&self.store, watch, &rest.settled, taken_at).await {
            progress.note("*", Step::Commit, error);
        }
    }
}

impl Rest {
    /// Takes on what was committed and published; the views need no room any more.
    fn of_committed(&mut self, committed: Vec<Taken>, progress: &mut Progress) {
        let taken_at = progress.report.taken_at;
        for taken in committed {
            if taken.settled {
                self.settled.push(taken.channel.clone());
            }
            if taken.has_to_announce() {
                progress.awaits(&taken.channel, Step::Announce);
            } else {
                progress.done(&taken.channel);
            }
            self.parcels.extend(parcels(taken, taken_at));
        }
    }
}
