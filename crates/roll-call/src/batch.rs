//! The way of some channels: ask, compare, commit, publish.
//!
//! Several batches are under way at once, so what they share is borrowed for a moment only, never while one waits.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use centrifugo::{Client, Error as AskError, PresenceAnswer};
use futures_util::future::join;
use futures_util::lock::Mutex;
use presence::{Census, CensusTaker, Clock};
use store::{KeptLedger, Outcome, Store};
use tokio::task::yield_now;

use crate::config::Config;
use crate::failure::{Cause, Step};
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
    /// Comparing takes no pause: what one batch has to send is on its way before the next one begins.
    pub(crate) turn: Mutex<()>,
}

/// What a batch came to.
pub(crate) struct Batch {
    /// How many bytes Centrifugo's answer had.
    pub(crate) answer_bytes: usize,
    pub(crate) committed: Vec<Taken>,
}

/// The ledgers of some channels, each of which may be out of reach.
type Ledgers = Result<Vec<Result<KeptLedger, store::Error>>, store::Error>;

/// Channels whose answer is there and that are not committed yet, by their places in the list of channels, in order.
struct Open<'a> {
    /// Whom the answer is about.
    asked: Range<usize>,
    answer: &'a PresenceAnswer,
    places: Vec<usize>,
}

/// Why a channel can't be compared.
struct NotCompared {
    step: Step,
    cause: Cause,
    /// Whether it need not be asked again.
    is_settled: bool,
}

impl Batches<'_> {
    /// Takes the channels at these places, as far as the commit. `None` where Centrifugo had no answer for so many channels
    /// at once, and nothing was done.
    pub(crate) async fn take(&self, places: Range<usize>) -> Option<Batch> {
        let channels = self.names(places.clone());
        let asking = self.spent.spend(Step::Ask);
        // The ledgers as well: a commit tells whether they are still the same when it comes to that.
        let (answer, ledgers) =
            join(self.centrifugo.presence(&channels), self.store.ledgers(&channels)).await;
        drop(asking);
        let committed = match &answer {
            Ok(answer) => self.commit(places.clone(), answer, ledgers).await,
            Err(error) => Err(error.clone()),
        };
        let committed = match committed {
            Ok(committed) => committed,
            Err(error) if channels.len() > 1 && self.may_be_of_one(&error) => return None,
            Err(error) => {
                self.progress.borrow_mut().fail_all(places, Step::Ask, error);
                Vec::new()
            }
        };
        Some(Batch { answer_bytes: answer.map_or(0, |answer| answer.len()), committed })
    }

    /// Publishes what was committed, and takes on what is left to be done.
    pub(crate) async fn publish(&self, committed: Vec<Taken>) {
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
    }

    /// The names of the channels at these places.
    fn names(&self, places: impl IntoIterator<Item = usize>) -> Vec<&str> {
        places.into_iter().map(|place| self.watched.channels[place].as_str()).collect()
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
    ///
    /// # Errors
    /// Where the answer can't be read; then nothing was committed.
    async fn commit(
        &self,
        asked: Range<usize>,
        answer: &PresenceAnswer,
        ledgers: Ledgers,
    ) -> Result<Vec<Taken>, AskError> {
        let _committing = self.spent.spend(Step::Commit);
        let mut open = Open { places: asked.clone().collect(), asked, answer };
        let mut committed = Vec::with_capacity(open.places.len());
        let mut ledgers = Some(ledgers);
        for _ in 0..COMPARED_AT_MOST {
            let ledgers = match ledgers.take() {
                Some(ledgers) => ledgers,
                None => self.store.ledgers(&self.names(open.places.iter().copied())).await,
            };
            let turn = self.turn.lock().await;
            let compared = self.compare(&open, ledgers)?;
            let sent = async {
                yield_now().await;
                drop(turn);
            };
            (open.places, ()) = join(self.commit_compared(compared, &mut committed), sent).await;
            if open.places.is_empty() {
                break;
            }
        }
        for place in open.places {
            // Others committed each time, so the channel is as new as a roll call can make it.
            self.progress.borrow_mut().superseded(place);
        }
        Ok(committed)
    }

    /// Compares; gives the channels for which that was possible.
    fn compare(&self, open: &Open<'_>, ledgers: Ledgers) -> Result<Vec<Taken>, AskError> {
        let Config { scope, info_fields: fields, .. } = self.config;
        let taker = CensusTaker { guests: &scope.guests, fields };
        let (ledgers, unreachable) = match ledgers {
            Ok(ledgers) => (ledgers, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let mut ledgers = open.places.iter().copied().zip(ledgers).peekable();
        let names = self.names(open.asked.clone());
        let compared = open.answer.censuses(&names, taker, |index, census| {
            let place = open.asked.start + index;
            let (_, ledger) = ledgers.next_if(|(open, _)| *open == place)?;
            Some((place, self.compare_one(place, census, ledger)))
        })?;
        let mut progress = self.progress.borrow_mut();
        if let Some(error) = unreachable {
            progress.fail_all(open.places.iter().copied(), Step::Commit, error);
            return Ok(Vec::new());
        }
        let mut taken = Vec::with_capacity(open.places.len());
        for (place, compared) in compared.into_iter().flatten() {
            match compared {
                Ok(compared) => {
                    progress.awaits(place, Step::Commit);
                    taken.push(compared);
                }
                Err(NotCompared { step, cause, is_settled }) => {
                    if is_settled {
                        self.rest.borrow_mut().settled.push(place);
                    }
                    progress.fail(place, step, cause);
                }
            }
        }
        Ok(taken)
    }

    fn compare_one(
        &self,
        place: usize,
        census: Result<Census<'_>, AskError>,
        ledger: Result<KeptLedger, store::Error>,
    ) -> Result<Taken, NotCompared> {
        let ledger = ledger.map_err(|error| NotCompared {
            step: Step::Commit,
            cause: error.into(),
            is_settled: false,
        })?;
        let census = census.map_err(|error| NotCompared {
            step: Step::Ask,
            // Nothing is kept of it, so there is nothing to end: else what is refused would be asked for ever.
            is_settled: error.is_refusal() && ledger == KeptLedger::default(),
            cause: error.into(),
        })?;
        let channel = &self.watched.channels[place];
        let mut taken = Taken::of(self.config, (place, channel), census, ledger, self.roll_call);
        // A channel that was forgotten and comes back has no view that grew old meanwhile.
        taken.age = taken.age.filter(|_| self.watched.was_known(place));
        Ok(taken)
    }

    /// One try to commit; gives the channels whose ledger was changed by somebody else since it was read.
    async fn commit_compared(
        &self,
        compared: Vec<Taken>,
        committed: &mut Vec<Taken>,
    ) -> Vec<usize> {
        if compared.is_empty() {
            return Vec::new();
        }
        let Self { store, watched, roll_call, .. } = self;
        let occupied_anew = compared.iter().filter(|taken| taken.occupied_anew);
        let occupied_anew = occupied_anew.map(|taken| taken.place);
        let commits: Vec<_> = compared
            .iter()
            .map(|taken| {
                let is_forgotten = taken.settled && !watched.is_named(taken.place);
                taken.commit(&watched.channels[taken.place], is_forgotten)
            })
            .collect();
        let expected = watched.expect_again(store, occupied_anew, roll_call.taken_at).await;
        if let Err(error) = expected {
            let places = compared.iter().map(|taken| taken.place);
            self.progress.borrow_mut().fail_all(places, Step::Commit, error);
            return Vec::new();
        }
        let now = (self.clock)();
        let outcomes = store.commit(&commits, now, self.config.snapshot_ttl).await;
        let mut progress = self.progress.borrow_mut();
        let mut changed = Vec::new();
        for (mut taken, outcome) in compared.into_iter().zip(outcomes) {
            match outcome {
                Ok(Outcome::Changed) => changed.push(taken.place),
                Ok(Outcome::Superseded) => {
                    progress.seen(&taken);
                    progress.superseded(taken.place);
                }
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
