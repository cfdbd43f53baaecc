//! What is announced: one entry for each channel and kind of change.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Millis;
use crate::census::Counts;
use crate::changes::Changes;
use crate::peaks::Peak;

/// Most bytes of a detail: EventBridge takes 256 KiB of an entry, and source, detail type and its own overhead take far
/// less than the rest.
pub const DETAIL_BYTES_MAX: usize = 255 * 1024;

/// An event, ready to be sent, and sent again as it is until it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same on every try, e.g. `site:main@1790000000000#changed`.
    pub id: String,
    /// What it tells.
    pub kind: Kind,
    /// Compact JSON without a line break.
    pub detail: String,
}

/// What an event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Who joined and who left.
    Changed,
    /// Somebody is present in a vacated channel.
    Occupied,
    /// An occupied channel was empty for more roll calls than the grace.
    Vacated,
    /// More are present than ever before.
    Peak,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Changed, Self::Occupied, Self::Vacated, Self::Peak];

    /// How an id ends; that of a part has its number behind.
    fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Occupied => "occupied",
            Self::Vacated => "vacated",
            Self::Peak => "peak",
        }
    }
}

impl Event {
    /// The event of a detail that was kept; `None` where it is not one of ours.
    pub fn of_detail(detail: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Id {
            id: String,
        }
        let Id { id } = serde_json::from_str(detail).ok()?;
        let end = id.rsplit_once('#')?.1;
        let name = end.split_once('.').map_or(end, |(name, _)| name);
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name)?;
        Some(Self { id, kind, detail: detail.to_owned() })
    }
}

#[derive(Serialize)]
struct Detail<'a, E> {
    v: u8,
    id: &'a str,
    channel: &'a str,
    taken_at: Millis,
    present: u64,
    users: u64,
    guests: u64,
    #[serde(flatten)]
    extra: E,
}

#[derive(Serialize)]
struct Changed<'a> {
    joined: &'a [Box<RawValue>],
    left: &'a [Box<RawValue>],
}

#[derive(Serialize)]
struct Passed {
    previous: Peak,
}

#[derive(Serialize)]
struct Nothing {}

/// The roll call that events are about.
struct About<'a> {
    channel: &'a str,
    taken_at: Millis,
    counts: Counts,
}

/// The events of one roll call of a channel, none where nothing changed.
pub fn events(
    channel: &str,
    taken_at: Millis,
    counts: Counts,
    changes: &Changes<'_>,
) -> Vec<Event> {
    let about = About { channel, taken_at, counts };
    let mut events = about.changed(changes);
    if changes.occupied {
        events.push(about.event(Kind::Occupied, Nothing {}));
    }
    if changes.vacated {
        events.push(about.event(Kind::Vacated, Nothing {}));
    }
    if let Some(previous) = changes.passed {
        events.push(about.event(Kind::Peak, Passed { previous }));
    }
    events
}

impl About<'_> {
    fn event(&self, kind: Kind, extra: impl Serialize) -> Event {
        self.part(kind, kind.name(), extra)
    }

    /// The event whose id ends so.
    fn part(&self, kind: Kind, end: &str, extra: impl Serialize) -> Event {
        let Self { channel, taken_at, counts: Counts { present, users, guests, .. } } = *self;
        let id = format!("{channel}@{taken_at}#{end}");
        let detail =
            json(&Detail { v: 1, id: &id, channel, taken_at, present, users, guests, extra });
        Event { id, kind, detail: detail.get().to_owned() }
    }

    /// Who joined and who left, in as many events as their size asks for; each has the same totals.
    fn changed(&self, changes: &Changes<'_>) -> Vec<Event> {
        // The longest id that a part can get.
        let empty = self.part(
            Kind::Changed,
            &format!("changed.{}", usize::MAX),
            Changed { joined: &[], left: &[] },
        );
        let room = DETAIL_BYTES_MAX.saturating_sub(empty.detail.len());
        // One of this size can't be: a token that long does not get through Centrifugo's door.
        let fits = |item: &RawValue| item.get().len() < room;
        let joined: Vec<_> = changes.joined.iter().map(json).filter(|item| fits(item)).collect();
        let left: Vec<_> = changes.left.iter().map(json).filter(|item| fits(item)).collect();
        let (mut joined, mut left) = (joined.as_slice(), left.as_slice());
        let mut parts = Vec::new();
        while !joined.is_empty() || !left.is_empty() {
            let mut room = room;
            let joined = split_fitting(&mut joined, &mut room);
            let left = split_fitting(&mut left, &mut room);
            parts.push(Changed { joined, left });
        }
        if let [part] = parts.as_slice() {
            return vec![self.event(Kind::Changed, part)];
        }
        let numbered = parts.iter().zip(1..);
        numbered
            .map(|(part, number)| self.part(Kind::Changed, &format!("changed.{number}"), part))
            .collect()
    }
}

/// Takes from the front of `list` what fits into `room` bytes, commas included. What comes after the first that does not
/// fit is left, too: the order stays.
fn split_fitting<'a>(list: &mut &'a [Box<RawValue>], room: &mut usize) -> &'a [Box<RawValue>] {
    let fitting = list.iter().take_while(|item| match room.checked_sub(item.get().len() + 1) {
        Some(rest) => {
            *room = rest;
            true
        }
        None => {
            *room = 0;
            false
        }
    });
    let (now, later) = list.split_at(fitting.count());
    *list = later;
    now
}

#[expect(clippy::expect_used, reason = "text keys and plain values always have a form in JSON")]
fn json(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("an event can be written")
}
