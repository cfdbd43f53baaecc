//! The events of this roll call, and what earlier ones left, to the announcer.
//!
//! It goes by rounds of a few calls: what one round does not send, it does not read, and what it sends is taken out of the
//! outboxes before the next begins, so that whatever cuts it off repeats little.

use std::collections::{HashSet, VecDeque};
use std::sync::OnceLock;

use futures_util::stream::{self, StreamExt as _};
use presence::{Event, Millis};
use store::{Store, Untaken};

use crate::announcer::Announcer;
use crate::failure::{Cause, Step};
use crate::progress::Progress;
use crate::take::Taken;

/// Calls under way at once.
const CALLS_AT_ONCE: usize = 8;
/// A round ends with the roll call that brings it to so many events, or so many bytes.
const EVENTS_IN_ROUND: usize = 80;
const BYTES_IN_ROUND: usize = 2 * 1024 * 1024;
/// A round ends, too, with so many roll calls that are still to be read.
const UNREAD_IN_ROUND: usize = 20;

/// The events of one roll call of a channel.
pub(crate) struct Parcel {
    channel: String,
    taken_at: Millis,
    /// `None`: to be read from the outbox.
    events: Option<Vec<Event>>,
}

/// What a committed channel has to announce, oldest first.
pub(crate) fn parcels(taken: Taken, taken_at: Millis) -> impl Iterator<Item = Parcel> {
    let Taken { channel, waiting, events, .. } = taken;
    let own = events.filter(|events| !events.is_empty()).map(|events| (taken_at, Some(events)));
    let waiting = waiting.into_iter().map(|taken_at| (taken_at, None));
    waiting.chain(own).map(move |(taken_at, events)| Parcel {
        channel: channel.clone(),
        taken_at,
        events,
    })
}

/// Sends what there is, and takes out of the outboxes what was taken. The rest stays there for the next roll call; its
/// channels are the answer.
pub(crate) async fn announce(
    announcer: &dyn Announcer,
    store: &Store,
    mut parcels: VecDeque<Parcel>,
    progress: &mut Progress,
) -> HashSet<String> {
    let mut unannounced = HashSet::new();
    let mut down = None;
    while down.is_none() && !parcels.is_empty() {
        let mut round = next_round(&mut parcels);
        for (channel, error) in read_what_waits(store, &mut round).await {
            progress.note(&channel, Step::Announce, error);
            unannounced.insert(channel);
        }
        let events: Vec<&Event> = round.iter().flat_map(Parcel::events).collect();
        let sent = send(announcer, &events).await;
        let mut verdicts = sent.verdicts.into_iter();
        let mut untaken: Vec<Vec<&Event>> = Vec::with_capacity(round.len());
        for parcel in &round {
            let mut left = Vec::new();
            for (event, verdict) in parcel.events().iter().zip(&mut verdicts) {
                match verdict {
                    Verdict::Taken => progress.report.announced += 1,
                    Verdict::Refused(error) => {
                        progress.note(&parcel.channel, Step::Announce, Cause::Announcer(error));
                        left.push(event);
                    }
                    Verdict::Unsent => left.push(event),
                }
            }
            if !left.is_empty() {
                unannounced.insert(parcel.channel.clone());
            }
            untaken.push(left);
        }
        if let Err(error) = take_out(store, &round, &untaken).await {
            progress.note("*", Step::Announce, error);
        }
        down = sent.down;
        // Parcels of a channel lie together: one that has more has it next.
        let next = parcels.front().map(|parcel| parcel.channel.as_str());
        for Parcel { channel, .. } in &round {
            if Some(channel.as_str()) != next {
                progress.done(channel);
            }
        }
    }
    if let Some(error) = down {
        // Once is enough, whatever the channel: the outbox makes it good.
        progress.note("*", Step::Announce, Cause::Announcer(error));
        for Parcel { channel, .. } in parcels {
            progress.done(&channel);
            unannounced.insert(channel);
        }
    }
    unannounced
}

impl Parcel {
    fn events(&self) -> &[Event] {
        self.events.as_deref().unwrap_or_default()
    }
}

/// Takes the next parcels: at least one.
fn next_round(parcels: &mut VecDeque<Parcel>) -> Vec<Parcel> {
    let mut round = Vec::new();
    let (mut n_events, mut n_bytes, mut n_unread) = (0, 0, 0);
    while n_events < EVENTS_IN_ROUND && n_bytes < BYTES_IN_ROUND && n_unread < UNREAD_IN_ROUND {
        let Some(parcel) = parcels.pop_front() else { break };
        n_events += parcel.events().len();
        n_bytes += parcel.events().iter().map(|event| event.detail.len()).sum::<usize>();
        n_unread += usize::from(parcel.events.is_none());
        round.push(parcel);
    }
    round
}

/// Reads the parcels that lie in outboxes; gives the channels whose can't be read.
async fn read_what_waits(store: &Store, round: &mut [Parcel]) -> Vec<(String, store::Error)> {
    let mut unread: Vec<&mut Parcel> =
        round.iter_mut().filter(|parcel| parcel.events.is_none()).collect();
    if unread.is_empty() {
        return Vec::new();
    }
    let asked: Vec<(&str, Millis)> =
        unread.iter().map(|parcel| (parcel.channel.as_str(), parcel.taken_at)).collect();
    let answers = match store.waiting(&asked).await {
        Ok(answers) => answers,
        Err(error) => unread.iter().map(|_| Err(error.clone())).collect(),
    };
    let mut failed = Vec::new();
    for (parcel, answer) in unread.iter_mut().zip(answers) {
        match answer {
            Ok(events) => parcel.events = Some(events),
            Err(error) => failed.push((parcel.channel.clone(), error)),
        }
    }
    failed
}

/// What became of an event.
enum Verdict {
    Taken,
    Refused(String),
    /// The announcer takes nothing any more.
    Unsent,
}

/// What became of a round.
struct Sent {
    /// One for each event, in their order.
    verdicts: Vec<Verdict>,
    /// Why the announcer takes nothing any more.
    down: Option<String>,
}

/// Sends events by as few calls as the announcer takes them in, several at once.
async fn send(announcer: &dyn Announcer, events: &[&Event]) -> Sent {
    let mut calls = Vec::new();
    let mut rest = events;
    while !rest.is_empty() {
        let (call, later) = rest.split_at(announcer.call_length(rest).clamp(1, rest.len()));
        calls.push(call);
        rest = later;
    }
    let down = OnceLock::new();
    let answers = stream::iter(calls)
        .map(async |call| {
            let unsent = || call.iter().map(|_| Verdict::Unsent).collect();
            // Those that wait for their turn meanwhile: an announcer that is down is not waited for again.
            if down.get().is_some() {
                return unsent();
            }
            match announcer.announce(call).await {
                Ok(verdicts) if verdicts.len() == call.len() => {
                    verdicts.into_iter().map(Verdict::from).collect()
                }
                Ok(verdicts) => {
                    let error = format!("{} answers to {} events", verdicts.len(), call.len());
                    down.get_or_init(|| error);
                    unsent()
                }
                Err(error) => {
                    down.get_or_init(|| error);
                    unsent()
                }
            }
        })
        .buffered(CALLS_AT_ONCE)
        .collect::<Vec<Vec<Verdict>>>()
        .await;
    Sent { verdicts: answers.into_iter().flatten().collect(), down: down.into_inner() }
}

impl From<Result<(), String>> for Verdict {
    fn from(verdict: Result<(), String>) -> Self {
        match verdict {
            Ok(()) => Self::Taken,
            Err(error) => Self::Refused(error),
        }
    }
}

/// Takes out of the outboxes what was taken of each parcel: what is `untaken` stays.
async fn take_out(
    store: &Store,
    round: &[Parcel],
    untaken: &[Vec<&Event>],
) -> Result<(), store::Error> {
    let changed: Vec<Untaken<'_>> = round
        .iter()
        .zip(untaken)
        .filter(|(parcel, untaken)| untaken.len() < parcel.events().len())
        .map(|(parcel, events)| Untaken {
            channel: &parcel.channel,
            taken_at: parcel.taken_at,
            events,
        })
        .collect();
    if changed.is_empty() { Ok(()) } else { store.announced(&changed).await }
}
