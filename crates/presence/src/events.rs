//! What is announced: one entry for each channel and kind of change.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::Millis;
use crate::census::Counts;
use crate::changes::Changes;
use crate::view::Peak;

/// EventBridge takes 256 KiB of an entry. Source, detail type and its own overhead take far less than the rest.
pub const DETAIL_BYTES_MAX: usize = 255 * 1024;

/// An event, ready to be sent, and sent again as it is until it is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same on every try, e.g. `site:main@1790000000000#changed`.
    pub id: String,
    /// JSON.
    pub detail: String,
}

impl Event {
    /// EventBridge's detail type, which the id's end names.
    pub fn detail_type(&self) -> &'static str {
        let kind = self.id.rsplit('#').next().unwrap_or_default();
        match kind.split('.').next().unwrap_or_default() {
            "occupied" => "Channel Occupied",
            "vacated" => "Channel Vacated",
            "peak" => "Peak Reached",
            _ => "Presence Changed",
        }
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
        events.push(about.event("occupied", Nothing {}));
    }
    if changes.vacated {
        events.push(about.event("vacated", Nothing {}));
    }
    if let Some(previous) = changes.passed {
        events.push(about.event("peak", Passed { previous }));
    }
    events
}

impl About<'_> {
    fn event(&self, kind: &str, extra: impl Serialize) -> Event {
        let Self { channel, taken_at, counts: Counts { present, users, guests, .. } } = *self;
        let id = format!("{channel}@{taken_at}#{kind}");
        let detail =
            json(&Detail { v: 1, id: &id, channel, taken_at, present, users, guests, extra });
        Event { id, detail: detail.get().to_owned() }
    }

    /// Who joined and who left, in as many events as their size asks for; each has the same totals.
    fn changed(&self, changes: &Changes<'_>) -> Vec<Event> {
        let joined: Vec<_> = changes.joined.iter().map(json).collect();
        let left: Vec<_> = changes.left.iter().map(json).collect();
        if joined.is_empty() && left.is_empty() {
            return Vec::new();
        }
        // The longest id that a part can get.
        let empty = self.event("changed.4294967295", Changed { joined: &[], left: &[] });
        let room = DETAIL_BYTES_MAX.saturating_sub(empty.detail.len());
        let mut parts = Vec::new();
        let (mut joined, mut left) = (joined.as_slice(), left.as_slice());
        while !joined.is_empty() || !left.is_empty() {
            let mut room = room;
            let joined_now = split_fitting(&mut joined, &mut room);
            let left_now = split_fitting(&mut left, &mut room);
            if joined_now.is_empty() && left_now.is_empty() {
                // Ids of this size can't be: a token that long does not get through Centrifugo's door.
                break;
            }
            parts.push(Changed { joined: joined_now, left: left_now });
        }
        let single = parts.len() == 1;
        let kind = |index: usize| {
            if single { "changed".to_owned() } else { format!("changed.{}", index + 1) }
        };
        parts.into_iter().enumerate().map(|(index, part)| self.event(&kind(index), part)).collect()
    }
}

/// Takes from the front of `list` what fits into `room` bytes, commas included.
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
