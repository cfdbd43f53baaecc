//! The events of this roll call, and what earlier ones left, to the announcer.
//!
//! It goes by rounds of a few calls: what one round does not send, it does not read, and what it sends is taken out of the
//! outboxes before the next begins, so that whatever cuts it off repeats little.

use std::collections::{HashSet, VecDeque};

use presence::{Event, Millis};
use store::{Store, Untaken};
use tokio::time::Instant;

use crate::announcer::Announcer;
use crate::calls::{Verdict, send};
use crate::failure::{Cause, Step};
use crate::progress::Progress;
use crate::rest::Parcel;

/// A round ends with the roll call that brings it to so many events, or so many bytes.
const EVENTS_IN_ROUND: usize = 80;
const BYTES_IN_ROUND: usize = 2 * 1024 * 1024;
/// A round ends, too, with so many roll calls that are still to be read.
const UNREAD_IN_ROUND: usize = 20;

/// Sends what there is, and takes out of the outboxes what was taken. The rest stays there for the next roll call; its
/// channels are the answer.
pub(crate) async fn announce(
    announcer: &dyn Announcer,
    store: &Store,
    channels: &[String],
    mut parcels: VecDeque<Parcel>,
    progress: &mut Progress,
) -> HashSet<usize> {
    let mut unannounced = HashSet::new();
    let (mut down, mut verdicts) = (None, Vec::new());
    let end = announcer.at_most().map(|at_most| Instant::now() + at_most);
    while down.is_none() && !parcels.is_empty() {
        let mut round = next_round(&mut parcels);
        for (place, error) in read_what_waits(store, channels, &mut round).await {
            progress.note_at(place, Step::Announce, error);
            unannounced.insert(place);
        }
        let events: Vec<&Event> = round.iter().flat_map(Parcel::events).collect();
        let call_length = |events: &[&Event]| announcer.call_length(events);
        let call = async |events: &[&Event]| announcer.announce(events).await;
        let sending = send(&events, &mut verdicts, call_length, call);
        down = match end {
            Some(end) => tokio::time::timeout_at(end, sending)
                .await
                .unwrap_or_else(|_| Some("it is too slow to take all".to_owned())),
            None => sending.await,
        };
        let mut verdicts = verdicts.drain(..);
        let mut untaken: Vec<Vec<&Event>> = Vec::with_capacity(round.len());
        for parcel in &round {
            let mut left = Vec::new();
            for (event, verdict) in parcel.events().iter().zip(&mut verdicts) {
                match verdict {
                    Verdict::Taken => progress.report.announced += 1,
                    Verdict::Refused(error) => {
                        progress.note_at(parcel.place, Step::Announce, Cause::Announcer(error));
                        left.push(event);
                    }
                    Verdict::Unsent => left.push(event),
                }
            }
            if !left.is_empty() {
                unannounced.insert(parcel.place);
            }
            untaken.push(left);
        }
        if let Err(error) = take_out(store, channels, &round, &untaken).await {
            progress.note("*", Step::Announce, error);
        }
        // Parcels of a channel lie together: one that has more has it next.
        let next = parcels.front().map(|parcel| parcel.place);
        for Parcel { place, .. } in round {
            if Some(place) != next {
                progress.done(place);
            }
        }
    }
    if let Some(error) = down {
        // Once is enough, whatever the channel: the outbox makes it good.
        progress.note("*", Step::Announce, Cause::Announcer(error));
        for Parcel { place, .. } in parcels {
            progress.done(place);
            unannounced.insert(place);
        }
    }
    unannounced
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
async fn read_what_waits(
    store: &Store,
    channels: &[String],
    round: &mut [Parcel],
) -> Vec<(usize, store::Error)> {
    let mut unread: Vec<&mut Parcel> =
        round.iter_mut().filter(|parcel| parcel.events.is_none()).collect();
    if unread.is_empty() {
        return Vec::new();
    }
    let asked: Vec<(&str, Millis)> =
        unread.iter().map(|parcel| (channels[parcel.place].as_str(), parcel.taken_at)).collect();
    let answers = match store.waiting(&asked).await {
        Ok(answers) => answers,
        Err(error) => unread.iter().map(|_| Err(error.clone())).collect(),
    };
    let mut failed = Vec::new();
    for (parcel, answer) in unread.iter_mut().zip(answers) {
        match answer {
            Ok(events) => parcel.events = Some(events),
            Err(error) => failed.push((parcel.place, error)),
        }
    }
    failed
}

/// Takes out of the outboxes what was taken of each parcel: what is `untaken` stays.
async fn take_out(
    store: &Store,
    channels: &[String],
    round: &[Parcel],
    untaken: &[Vec<&Event>],
) -> Result<(), store::Error> {
    let changed: Vec<Untaken<'_>> = round
        .iter()
        .zip(untaken)
        .filter(|(parcel, untaken)| untaken.len() < parcel.events().len())
        .map(|(parcel, events)| Untaken {
            channel: &channels[parcel.place],
            taken_at: parcel.taken_at,
            events,
        })
        .collect();
    if changed.is_empty() { Ok(()) } else { store.announced(&changed).await }
}
