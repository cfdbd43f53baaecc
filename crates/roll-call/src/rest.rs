//! What is left to be done once all channels are committed and published.

use std::collections::VecDeque;

use presence::{Event, Millis};

use crate::failure::Step;
use crate::progress::Progress;
use crate::take::Taken;

/// The events of one roll call of a channel, on their way to the announcer.
pub(crate) struct Parcel {
    /// The channel, by its place in the list of channels.
    pub(crate) place: usize,
    pub(crate) taken_at: Millis,
    /// `None`: to be read from the outbox.
    pub(crate) events: Option<Vec<Event>>,
}

/// What committed channels leave to be done.
#[derive(Default)]
pub(crate) struct Rest {
    /// What is to be announced; the parcels of a channel lie together, oldest first.
    pub(crate) parcels: VecDeque<Parcel>,
    /// Channels that need not be asked again, once what they have to announce is announced.
    pub(crate) settled: Vec<usize>,
}

impl Parcel {
    pub(crate) fn events(&self) -> &[Event] {
        self.events.as_deref().unwrap_or_default()
    }
}

impl Rest {
    /// Takes on what was committed and published; the views need no room any more.
    pub(crate) fn take_on(
        &mut self,
        committed: Vec<Taken>,
        taken_at: Millis,
        progress: &mut Progress,
    ) {
        for Taken { place, settled, waiting, events, .. } in committed {
            if settled {
                self.settled.push(place);
            }
            let before = self.parcels.len();
            let waiting = waiting.into_iter().map(|taken_at| (taken_at, None));
            let own = events.filter(|events| !events.is_empty());
            let own = own.map(|events| (taken_at, Some(events)));
            let parcels = waiting.chain(own);
            self.parcels.extend(parcels.map(|(taken_at, events)| Parcel {
                place,
                taken_at,
                events,
            }));
            if self.parcels.len() > before {
                progress.awaits(place, Step::Announce);
            } else {
                progress.done(place);
            }
        }
    }
}
