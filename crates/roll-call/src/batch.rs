//! The way of some channels: ask, compare, commit, publish.
//!
//! Several batches are under way at once, so what they share is borrowed for a moment only, never while one waits.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use centrifugo::{Client, Error as AskError, PresenceReply};
use futures_util::future::join;
use presence::Clock;
use store::{KeptLedger, Outcome, Store};

use crate::config::Config;
use crate::failure::Step;
use crate::progress::Progress;
use crate::publish::publish;
use crate::rest::Rest;
use crate::spent::Spent;
use crate::take::{RollCall, Taken};
use crate::watched::Watched;

/// Calls that are halved in a roll call since one channel might be at fault: enough to find a few of them.
const HALVED_AT_MOST: usize = 40;
/// How often a channel is compared anew when another collector was faster.
const COMPARED_AT_MOST: usize = 3;

/// What all batches of a roll call share.
pub(crate) struct Batches<'r> {
    pub(crate) config: &'r Config,
    pub(crate) centrifugo: &'r Client,
    pub(crate) store: &'r Store,
    pub(crate) clock: &'r Clock,
    pub(crate) watched: &'r Watched,
    pub(crate) roll_call: RollCall,
    pub(crate) progress: &'r RefCell<&'r mut Progress>,
    pub(crate) spent: &'r Spent,
    pub(crate) rest: RefCell<Rest>,
    /// Calls that were halved since one channel might be at fault.
    pub(crate) halved: Cell<usize>,
}

/// A channel whose answer is there, by its place in the list of channels.
type Answered<'a> = (usize, PresenceReply<'a>);

impl Batches<'_> {
    /// Takes the channels at these places. The answer is how many bytes Centrifugo's had; `None` where there was none for so
    /// many channels at once, and nothing was done.
    pub(crate) async fn take(&self, places: Range<usize>) -> Option<usize> {
        let channels: Vec<&str> =
            self.watched.channels[places.clone()].iter().map(String::as_str).collect();
        let asking = self.spent.spend(Step::Ask);
        // The ledgers as well: a commit tells whether they are still the same when it comes to that.
        let (answer, ledgers) =
            join(self.centrifugo.presence(&channels), self.store.ledgers(&channels)).await;
        drop(asking);
        let replies = match &answer {
            Err(error) => Err(error.clone()),
            Ok(answer) => answer.replies(channels.len()),
        };
        if let Err(error) = &replies
            && channels.len() > 1
            && self.may_be_of_one(error)
        {
            return None;
        }
        let replies = match replies {
            Ok(replies) => replies,
            Err(error) => {
                self.progress.borrow_mut().fail_all(places, Step::Ask, error);
                return Some(0);
            }
        };
        let committed = self.commit(places.zip(replies).collect(), ledgers).await;
        // The answer of a big channel is the greatest thing in memory.
        let n_bytes = answer.map_or(0, |answer| answer.len());
        let publishing = self.spent.spend(Step::Publish);
        let published = publish(
            self.centrifugo,
            &self.config.scope,
            &self.watched.channels,
            &committed,
            self.roll_call.taken_at,
        )
        .await;
        drop(publishing);
        let progress = &mut **self.progress.borrow_mut();
        for (place, result) in published {
            match result {
                Ok(()) => progress.report.published += 1,
                Err(error) => progress.note_at(place, Step::Publish, error),
            }
        }
        self.rest.borrow_mut().take_on(committed, self.roll_call.taken_at, progress);
        Some(n_bytes)
    }

    /// Whether one channel may be at fault for what a whole call failed with: the halves tell which. One that is too big, or
    /// one with a client whose info Centrifugo can't write as JSON: it answers such a call with status 500. A server that is
    /// broken answers so, too, and is not asked for ever.
    fn may_be_of_one(&self, error: &AskError) -> bool {
        match error {
            AskError::TooLarge(_) => true,
            AskError::Status(500..) | AskError::Malformed(_) => {
                let halved = self.halved.get() + 1;
                self.halved.set(halved);
                halved <= HALVED_AT_MOST
            }
            _ => false,
        }
    }

    /// Compares each channel with its ledger and commits it; gives those that are committed.
    async fn commit(
        &self,
        mut open: Vec<Answered<'_>>,
        ledgers: Result<Vec<Result<KeptLedger, store::Error>>, store::Error>,
    ) -> Vec<Taken> {
        let _committing = self.spent.spend(Step::Commit);
        for (place, _) in &open {
            self.progress.borrow_mut().awaits(*place, Step::Commit);
        }
        let mut committed = Vec::with_capacity(open.len());
        let mut ledgers = Some(ledgers);
        for _ in 0..COMPARED_AT_MOST {
            let ledgers = match ledgers.take() {
                Some(ledgers) => ledgers,
                None => self.ledgers(&open).await,
            };
            let compared = self.compare(open, ledgers);
            open = self.commit_compared(compared, &mut committed).await;
            if open.is_empty() {
                break;
            }
        }
        for (place, _) in open {
            // Others committed each time, so the channel is as new as a roll call can make it.
            self.progress.borrow_mut().superseded(place);
        }
        committed
    }

    /// The ledgers of channels, read anew.
    async fn ledgers(
        &self,
        open: &[Answered<'_>],
    ) -> Result<Vec<Result<KeptLedger, store::Error>>, store::Error> {
        let channels: Vec<&str> =
            open.iter().map(|(place, _)| self.watched.channels[*place].as_str()).collect();
        self.store.ledgers(&channels).await
    }

    /// Compares; gives the channels for which that was possible.
    fn compare<'a>(
        &self,
        open: Vec<Answered<'a>>,
        ledgers: Result<Vec<Result<KeptLedger, store::Error>>, store::Error>,
    ) -> Vec<(Taken, PresenceReply<'a>)> {
        let mut progress = self.progress.borrow_mut();
        let ledgers = match ledgers {
            Ok(ledgers) => ledgers,
            Err(error) => {
                progress.fail_all(open.into_iter().map(|(place, _)| place), Step::Commit, error);
                return Vec::new();
            }
        };
        let mut compared = Vec::with_capacity(open.len());
        for ((place, reply), ledger) in open.into_iter().zip(ledgers) {
            let ledger = match ledger {
                Ok(ledger) => ledger,
                Err(error) => {
                    progress.fail(place, Step::Commit, error);
                    continue;
                }
            };
            let channel = &self.watched.channels[place];
            let is_new = ledger == KeptLedger::default();
            match Taken::of(self.config, (place, channel), reply, ledger, self.roll_call) {
                Ok(mut taken) => {
                    // A channel that was forgotten and comes back has no view that grew old meanwhile.
                    taken.age = taken.age.filter(|_| self.watched.is_known(channel));
                    compared.push((taken, reply));
                }
                Err(error) => {
                    // Nothing is kept of it, so there is nothing to end: else what is refused would be asked for ever.
                    if is_new && error.is_refusal() {
                        self.rest.borrow_mut().settled.push(place);
                    }
                    progress.fail(place, Step::Ask, error);
                }
            }
        }
        compared
    }

    /// One try to commit; gives the channels whose ledger was changed by somebody else since it was read.
    async fn commit_compared<'a>(
        &self,
        compared: Vec<(Taken, PresenceReply<'a>)>,
        committed: &mut Vec<Taken>,
    ) -> Vec<Answered<'a>> {
        if compared.is_empty() {
            return Vec::new();
        }
        let Self { store, watched, roll_call, .. } = self;
        let occupied_anew = compared.iter().filter(|(taken, _)| taken.occupied_anew);
        let occupied_anew = occupied_anew.map(|(taken, _)| taken.place);
        let commits: Vec<_> = compared
            .iter()
            .map(|(taken, _)| {
                let is_forgotten = taken.settled && !watched.is_named(taken.place);
                taken.commit(&watched.channels[taken.place], is_forgotten)
            })
            .collect();
        let expected = watched.expect_again(store, occupied_anew, roll_call.taken_at).await;
        let outcomes = match expected {
            Ok(()) => store.commit(&commits, (self.clock)(), self.config.snapshot_ttl).await,
            Err(error) => Err(error),
        };
        let mut progress = self.progress.borrow_mut();
        let outcomes = match outcomes {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let places = compared.iter().map(|(taken, _)| taken.place);
                progress.fail_all(places, Step::Commit, error);
                return Vec::new();
            }
        };
        let mut changed = Vec::new();
        for ((mut taken, reply), outcome) in compared.into_iter().zip(outcomes) {
            match outcome {
                Ok(Outcome::Changed) => changed.push((taken.place, reply)),
                Ok(Outcome::Superseded) => progress.superseded(taken.place),
                Ok(Outcome::Committed(outcome)) => {
                    if outcome.overwritten {
                        let channel = watched.channels[taken.place].as_str();
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
                Err(error) => progress.fail(taken.place, Step::Commit, error),
            }
        }
        changed
    }
}
