//! The bytes that readers get.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::Millis;
use crate::census::Counts;
use crate::info::Info;
use crate::scope::Period;

/// Most names in `recent`.
pub(crate) const RECENT_MAX: usize = 20;

/// Most bytes of `members` and `recent` in a view. Centrifugo closes every subscriber to whom it can't queue a publication
/// (`client.queue_max_size`, 1 MiB by default), so a list of long names and URLs ends early and says `truncated`.
pub const LISTED_BYTES_MAX: usize = 512 * 1024;

/// What both views of a channel tell.
#[derive(Debug, Clone, Copy)]
pub struct RollCall<'a> {
    /// The watched channel.
    pub channel: &'a str,
    /// When the collector asked.
    pub taken_at: Millis,
    /// Seconds to the next roll call.
    pub period: Period,
    /// How many are here.
    pub counts: Counts,
    /// The most that ever were.
    pub peaks: &'a Peaks,
    /// Where a page finds the next views.
    pub live: Option<&'a Live>,
}

/// The most who were present at one roll call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peak {
    /// How many.
    pub present: u64,
    /// When.
    pub at: Millis,
}

/// Records of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peaks {
    /// Of this UTC day.
    pub today: Peak,
    /// Of all days.
    pub ever: Peak,
}

/// Where a page finds the next views of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Live {
    /// Centrifugo's unidirectional WebSocket.
    pub url: String,
    /// Carries the public view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Carries the members view, for those who may subscribe to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_channel: Option<String>,
}

/// A user who answered this roll call. Ordered as listed: longest present first, then by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// Since when they have been here.
    pub since: Millis,
    /// The token's `sub`.
    pub id: Cow<'a, str>,
    /// Their connections.
    pub clients: u32,
    /// What may be shown of them.
    pub info: Info,
}

/// A user who answered lately, but not this roll call. Ordered as listed: latest first, then by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    last_seen: Reverse<Millis>,
    id: String,
    info: Info,
}

/// The named part of a members view.
#[derive(Debug, Clone, Serialize)]
pub struct Listing<'a> {
    members: Vec<Member<'a>>,
    truncated: bool,
    recent: Vec<Recent>,
}

/// Both views of a channel: compact JSON, as kept, served and published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Views {
    /// Numbers only.
    pub counts: String,
    /// Numbers and the list.
    pub members: String,
}

impl Ord for Member<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.since, &self.id).cmp(&(other.since, &other.id))
    }
}

impl PartialOrd for Member<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut member = serializer.serialize_struct("Member", 4)?;
        member.serialize_field("id", &self.id)?;
        member.serialize_field("info", &self.info)?;
        member.serialize_field("clients", &self.clients)?;
        member.serialize_field("since", &self.since)?;
        member.end()
    }
}

impl Recent {
    pub(crate) fn of(last_seen: Millis, id: &str, info: Info) -> Self {
        Self { last_seen: Reverse(last_seen), id: id.to_owned(), info }
    }
}

impl Ord for Recent {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.last_seen, &self.id).cmp(&(other.last_seen, &other.id))
    }
}

impl PartialOrd for Recent {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Recent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut recent = serializer.serialize_struct("Recent", 3)?;
        recent.serialize_field("id", &self.id)?;
        recent.serialize_field("info", &self.info)?;
        recent.serialize_field("last_seen", &self.last_seen.0)?;
        recent.end()
    }
}

impl<'a> Listing<'a> {
    /// The lists of a channel with `n_members` members, of whom `members` are the first in order.
    pub(crate) fn new(
        n_members: usize,
        mut members: Vec<Member<'a>>,
        mut recent: Vec<Recent>,
    ) -> Self {
        let mut room = LISTED_BYTES_MAX;
        keep_what_fits(&mut recent, &mut room, |recent| (&recent.id, &recent.info));
        keep_what_fits(&mut members, &mut room, |member| (&member.id, &member.info));
        Self { truncated: members.len() < n_members, members, recent }
    }
}

/// Cuts a list where it would take more than `room` bytes of JSON, and takes from `room` what it does take.
fn keep_what_fits<T>(list: &mut Vec<T>, room: &mut usize, parts: fn(&T) -> (&str, &Info)) {
    let fitting = list.iter().take_while(|item| {
        let (id, info) = parts(item);
        // Field names, numbers and punctuation take less than 96 bytes.
        let bytes = json_length(id) + info.text().len() + 96;
        let fits = bytes <= *room;
        *room -= if fits { bytes } else { 0 };
        fits
    });
    let fitting = fitting.count();
    list.truncate(fitting);
}

/// An upper bound of a text's length as JSON.
fn json_length(text: &str) -> usize {
    text.bytes().map(|byte| if byte < 0x20 || matches!(byte, b'"' | b'\\') { 6 } else { 1 }).sum()
}

/// Writes both views.
pub fn views(roll_call: RollCall<'_>, listing: &Listing<'_>) -> Views {
    let counts = CountsView::new(roll_call);
    Views { counts: to_json(&counts), members: to_json(&MembersView { counts, listing }) }
}

#[derive(Serialize)]
struct CountsView<'a> {
    v: u8,
    channel: &'a str,
    taken_at: Millis,
    period: u32,
    present: u64,
    users: u64,
    guests: u64,
    clients: u64,
    peak: &'a Peaks,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<&'a Live>,
}

impl<'a> CountsView<'a> {
    fn new(roll_call: RollCall<'a>) -> Self {
        let RollCall { channel, taken_at, period, counts, peaks, live } = roll_call;
        let Counts { present, users, guests, clients } = counts;
        Self {
            v: 1,
            channel,
            taken_at,
            period: period.seconds(),
            present,
            users,
            guests,
            clients,
            peak: peaks,
            live,
        }
    }
}

#[derive(Serialize)]
struct MembersView<'a> {
    #[serde(flatten)]
    counts: CountsView<'a>,
    #[serde(flatten)]
    listing: &'a Listing<'a>,
}

#[expect(clippy::expect_used, reason = "text keys and plain values always have a form in JSON")]
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a view can be written")
}
