//! What is announced: one entry for each channel and kind of change.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::census::Counts;
use crate::changes::Changes;
use crate::json::{push_list, to_json};
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

/// What every detail begins with.
#[derive(Serialize)]
struct Heading<'a> {
    v: u8,
    id: &'a str,
    channel: &'a str,
    taken_at: Millis,
    present: u64,
    users: u64,
    guests: u64,
}

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
        events.push(about.event(Kind::Occupied, ""));
    }
    if changes.vacated {
        events.push(about.event(Kind::Vacated, ""));
    }
    if let Some(Peak { present, at }) = changes.passed {
        let previous = format!(r#","previous":{{"present":{present},"at":{at}}}"#);
        events.push(about.event(Kind::Peak, &previous));
    }
    events
}

impl About<'_> {
    fn event(&self, kind: Kind, extra: &str) -> Event {
        self.part(kind, kind.name(), extra)
    }

    /// The event whose id ends so; `extra` are further fields, each with a comma before it.
    fn part(&self, kind: Kind, end: &str, extra: &str) -> Event {
        let Self { channel, taken_at, counts: Counts { present, users, guests, .. } } = *self;
        let id = format!("{channel}@{taken_at}#{end}");
        let heading = Heading { v: 1, id: &id, channel, taken_at, present, users, guests };
        let mut detail = to_json(&heading);
        detail.insert_str(detail.len() - 1, extra);
        Event { id, kind, detail }
    }

    /// Who joined and who left, in as many events as their size asks for; each has the same totals.
    fn changed(&self, changes: &Changes<'_>) -> Vec<Event> {
        if changes.joined.is_empty() && changes.left.is_empty() {
            return Vec::new();
        }
        // The longest id that a part can get.
        let end = format!("changed.{}", usize::MAX);
        let empty = self.part(Kind::Changed, &end, &joined_and_left(&[], &[]));
        let room = DETAIL_BYTES_MAX.saturating_sub(empty.detail.len());
        // One of this size can't be: a token that long does not get through Centrifugo's door.
        let fits = |item: &String| item.len() < room;
        let joined = changes.joined.iter().map(|member| json_of(|json| member.push(json)));
        let joined: Vec<String> = joined.filter(fits).collect();
        let left = changes.left.iter().map(|left| json_of(|json| left.push(json)));
        let left: Vec<String> = left.filter(fits).collect();
        let (mut joined, mut left) = (joined.as_slice(), left.as_slice());
        let mut parts = Vec::new();
        while !joined.is_empty() || !left.is_empty() {
            let mut room = room;
            let joined = split_fitting(&mut joined, &mut room);
            let left = split_fitting(&mut left, &mut room);
            parts.push(joined_and_left(joined, left));
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

fn joined_and_left(joined: &[String], left: &[String]) -> String {
    json_of(|json| {
        let item = |item: &String, json: &mut String| json.push_str(item);
        json.push_str(",\"joined\":");
        push_list(json, joined, item);
        json.push_str(",\"left\":");
        push_list(json, left, item);
    })
}

fn json_of(push: impl FnOnce(&mut String)) -> String {
    let mut json = String::new();
    push(&mut json);
    json
}

/// Takes from the front of `list` what fits into `room` bytes, commas included. What comes after the first that does not
/// fit is left, too: the order stays.
fn split_fitting<'a>(list: &mut &'a [String], room: &mut usize) -> &'a [String] {
    let fitting = list.iter().take_while(|item| match room.checked_sub(item.len() + 1) {
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
