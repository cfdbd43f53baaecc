//! The way of one roll call: ask, compare, commit, publish, announce.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use centrifugo::{Client, Error as AskError, PresenceReply};
use presence::Millis;
use store::{Outcome, Store};

use crate::config::Config;
use crate::event_bus::EventBus;
use crate::report::{Failure, NothingCommitted, RollCallReport, Stage};
use crate::take::Taken;
use crate::watched::Watched;

/// Channels per call: enough to make the round trips cheap, few enough to keep their answers small in memory.
const ASKED_AT_ONCE: usize = 250;
/// How often a channel is compared anew when another collector was faster.
const COMPARED_AT_MOST: usize = 3;

/// Takes roll calls. One per sandbox; it holds the connections.
pub struct Collector {
    pub(crate) config: Config,
    pub(crate) centrifugo: Client,
    pub(crate) store: Store,
    pub(crate) event_bus: Option<EventBus>,
}

/// One roll call under way.
#[derive(Default)]
pub(crate) struct Progress {
    pub(crate) report: RollCallReport,
    pub(crate) failures: Vec<Failure>,
    stage: Stage,
    /// Why EventBridge takes nothing in this roll call.
    pub(crate) bus_is_down: Option<String>,
    /// Channels of which nothing is decided yet.
    open: BTreeSet<String>,
    /// Channels that need not be asked again.
    settled: BTreeSet<String>,
}

impl Collector {
    /// A collector with its collaborators.
    pub fn new(
        config: Config,
        centrifugo: Client,
        store: Store,
        event_bus: Option<EventBus>,
    ) -> Self {
        Self { config, centrifugo, store, event_bus }
    }

    /// Makes the first connection to Redis; a failure is left to the first roll call to tell.
    pub async fn connect(&self) {
        if let Err(error) = self.store.ping().await {
            tracing::warn!("Redis does not answer at the start: {error}");
        }
    }

    /// Takes one roll call of all watched channels, within that time. `now` reads the collector's clock.
    ///
    /// The report tells all that happened; beside it stands why nothing could be committed, where that is so.
    pub async fn roll_call(
        &self,
        now: impl Fn() -> Millis,
        within: Duration,
    ) -> (RollCallReport, Option<NothingCommitted>) {
        let mut progress = Progress::default();
        progress.report.taken_at = now();
        // Boxed: the futures of the clients below are deep, and their types nest in every caller's.
        let all = Box::pin(self.take_all(&mut progress, now));
        if tokio::time::timeout(within, all).await.is_err() {
            let late = std::mem::take(&mut progress.open);
            progress
                .failures
                .extend(late.iter().map(|channel| Failure::late(channel, progress.stage)));
        }
        let Progress { mut report, failures, .. } = progress;
        let nothing = if report.committed + report.superseded == 0 {
            NothingCommitted::because_of(&failures)
        } else {
            None
        };
        report.failed = failures.into_iter().map(Into::into).collect();
        (report, nothing)
    }

    async fn take_all(&self, progress: &mut Progress, now: impl Fn() -> Millis) {
        let start = Instant::now();
        let watched = match self.watched(&mut progress.failures).await {
            Ok(watched) => watched,
            Err(error) => {
                progress.failures.push(Failure::commit("*", error));
                return;
            }
        };
        progress.report.spent.ask += start.elapsed();
        progress.report.watched = watched.channels.len();
        progress.open.clone_from(&watched.channels);

        let channels: Vec<&str> = watched.channels.iter().map(String::as_str).collect();
        let mut batches: Vec<&[&str]> = channels.chunks(ASKED_AT_ONCE).rev().collect();
        while let Some(batch) = batches.pop() {
            progress.stage = Stage::Ask;
            let start = Instant::now();
            let answer = self.centrifugo.presence(batch).await;
            progress.report.spent.ask += start.elapsed();
            let answer = match answer {
                // One channel too many, or one too big: the halves tell which.
                Err(AskError::TooLarge(_)) if batch.len() > 1 => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.extend([second, first]);
                    continue;
                }
                answer => answer,
            };
            let committed = match answer
                .as_ref()
                .map_err(AskError::clone)
                .and_then(|answer| answer.replies(batch.len()))
            {
                Ok(replies) => self.commit(batch, &replies, &watched, progress, now()).await,
                Err(error) => {
                    progress.fail_all(batch, &error, Failure::ask);
                    continue;
                }
            };
            // The answer of a big channel is the greatest thing in memory.
            drop(answer);
            progress.stage = Stage::Publish;
            let start = Instant::now();
            self.publish(&committed, progress).await;
            progress.report.spent.publish += start.elapsed();
            progress.stage = Stage::Announce;
            let start = Instant::now();
            let unannounced = self.announce(&committed, progress).await;
            progress.report.spent.announce += start.elapsed();
            let settled = committed
                .iter()
                .filter(|taken| taken.settled && !unannounced.contains(&taken.channel));
            progress.settled.extend(settled.map(|taken| taken.channel.clone()));
        }
        progress.stage = Stage::Commit;
        let got_through = progress.report.committed + progress.report.superseded > 0
            || watched.channels.is_empty();
        if got_through && let Err(error) = self.remember(&watched, &progress.settled).await {
            progress.failures.push(Failure::commit("*", error));
        }
    }

    /// Compares each channel with its ledger and commits it; gives those that are committed.
    async fn commit(
        &self,
        channels: &[&str],
        replies: &[PresenceReply<'_>],
        watched: &Watched,
        progress: &mut Progress,
        now: Millis,
    ) -> Vec<Taken> {
        progress.stage = Stage::Commit;
        let start = Instant::now();
        let mut committed = Vec::with_capacity(channels.len());
        let mut open: Vec<(&str, PresenceReply<'_>)> =
            channels.iter().copied().zip(replies.iter().copied()).collect();
        for _ in 0..COMPARED_AT_MOST {
            open = self.compare_and_commit(open, watched, progress, now, &mut committed).await;
            if open.is_empty() {
                break;
            }
        }
        for (channel, _) in open {
            // Others committed each time, so the channel is as new as a roll call can make it.
            progress.superseded(channel);
        }
        progress.report.spent.commit += start.elapsed();
        committed
    }

    /// One try; gives the channels whose ledger was changed by somebody else in between.
    async fn compare_and_commit<'c>(
        &self,
        open: Vec<(&'c str, PresenceReply<'c>)>,
        watched: &Watched,
        progress: &mut Progress,
        now: Millis,
        committed: &mut Vec<Taken>,
    ) -> Vec<(&'c str, PresenceReply<'c>)> {
        let channels: Vec<&str> = open.iter().map(|(channel, _)| *channel).collect();
        let ledgers = match self.store.ledgers(&channels).await {
            Ok(ledgers) => ledgers,
            Err(error) => {
                progress.fail_all(&channels, &error, Failure::commit);
                return Vec::new();
            }
        };
        let taken_at = progress.report.taken_at;
        let mut compared = Vec::with_capacity(open.len());
        for ((channel, reply), ledger) in open.into_iter().zip(ledgers) {
            let taken = match ledger {
                Ok(ledger) => {
                    Taken::of(&self.config, channel, reply, ledger, watched.is_baseline(), taken_at)
                        .map_err(|error| Failure::ask(channel, error))
                }
                Err(error) => Err(Failure::commit(channel, error)),
            };
            match taken {
                Ok(taken) => compared.push((taken, channel, reply)),
                Err(failure) => progress.fail(channel, failure),
            }
        }
        if compared.is_empty() {
            return Vec::new();
        }
        let commits: Vec<_> = compared.iter().map(|(taken, ..)| taken.commit()).collect();
        let outcomes = match self.store.commit(&commits, now, self.config.snapshot_ttl).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let channels: Vec<&str> = compared.iter().map(|(_, channel, _)| *channel).collect();
                progress.fail_all(&channels, &error, Failure::commit);
                return Vec::new();
            }
        };
        let mut changed = Vec::new();
        for ((taken, channel, reply), outcome) in compared.into_iter().zip(outcomes) {
            match outcome {
                Ok(Outcome::Changed) => changed.push((channel, reply)),
                Ok(Outcome::Superseded) => progress.superseded(channel),
                Ok(outcome @ (Outcome::Committed | Outcome::Overwritten)) => {
                    if outcome == Outcome::Overwritten {
                        tracing::warn!(
                            channel,
                            "Channel `{channel}` held a roll call from the future: a clock is or was wrong"
                        );
                    }
                    progress.committed(&taken);
                    committed.push(taken);
                }
                Err(error) => progress.fail(channel, Failure::commit(channel, error)),
            }
        }
        changed
    }
}

impl Progress {
    fn committed(&mut self, taken: &Taken) {
        self.open.remove(&taken.channel);
        let report = &mut self.report;
        report.committed += 1;
        report.joined += taken.joined;
        report.left += taken.left;
        report.present += taken.counts.present;
        report.clients += taken.counts.clients;
        report.oldest = report.oldest.max(taken.age);
    }

    fn superseded(&mut self, channel: &str) {
        self.open.remove(channel);
        self.report.superseded += 1;
    }

    fn fail(&mut self, channel: &str, failure: Failure) {
        self.open.remove(channel);
        self.failures.push(failure);
    }

    fn fail_all<E: Clone>(
        &mut self,
        channels: &[&str],
        error: &E,
        failure: fn(&str, E) -> Failure,
    ) {
        for channel in channels {
            self.fail(channel, failure(channel, error.clone()));
        }
    }
}
