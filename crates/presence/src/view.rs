//! The bytes that readers get.

use serde::Serialize;

use crate::Millis;
use crate::census::{Census, Counts};
use crate::info::{Info, InfoFields};
use crate::scope::Period;

/// Most bytes of `members` in a view. Centrifugo closes every subscriber to whom it can't queue a publication
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Peak {
    /// How many.
    pub present: u64,
    /// When.
    pub at: Millis,
}

/// Records of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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

/// A user who answered this roll call.
#[derive(Debug, Clone, Serialize)]
pub struct Member<'a> {
    /// The token's `sub`.
    pub id: &'a str,
    /// What may be shown of them.
    pub info: Info,
    /// Their connections.
    pub clients: u32,
    /// Since when they have been here.
    pub since: Millis,
}

/// The named part of a members view.
#[derive(Debug, Clone, Serialize)]
pub struct Listing<'a> {
    members: Vec<Member<'a>>,
    truncated: bool,
}

/// Both views of a channel: compact JSON, as kept, served and published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Views {
    /// Numbers only.
    pub counts: String,
    /// Numbers and the list.
    pub members: String,
}

impl<'a> Listing<'a> {
    /// The members to show: longest present first, then by id, at most `most` of them.
    pub fn of(
        census: &'a Census<'_>,
        fields: &InfoFields,
        most: usize,
        since: impl Fn(&str) -> Millis,
    ) -> Self {
        let mut present: Vec<_> =
            census.members().map(|member| (since(member.id), member)).collect();
        let mut truncated = present.len() > most;
        let order = |(since, member): &(Millis, crate::Present<'a>)| (*since, member.id);
        if truncated {
            present.select_nth_unstable_by_key(most, order);
            present.truncate(most);
        }
        present.sort_unstable_by_key(order);

        let mut members = Vec::with_capacity(present.len());
        let mut bytes = 0;
        for (since, member) in present {
            let info = member.info.map(|info| fields.shown(info)).unwrap_or_default();
            // Field names, numbers and punctuation of a member take less than 96 bytes.
            bytes += json_length(member.id) + info.as_json().len() + 96;
            if bytes > LISTED_BYTES_MAX {
                truncated = true;
                break;
            }
            members.push(Member { id: member.id, info, clients: member.clients, since });
        }
        Self { members, truncated }
    }
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
