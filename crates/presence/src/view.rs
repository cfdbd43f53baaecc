//! The bytes that readers get.

use serde::Serialize;

use crate::Millis;
use crate::census::Counts;
use crate::json::to_json;
use crate::listing::Listing;
use crate::peaks::Peaks;
use crate::period::Period;

/// What both views of a channel tell.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
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

/// Where a page finds the next views of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Live {
    /// Centrifugo's WebSocket.
    pub url: String,
    /// Carries the public view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Carries the members view, for those who may subscribe to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_channel: Option<String>,
}

/// Both views of a channel: compact JSON, as kept, served and published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Views {
    /// Numbers only.
    pub counts: String,
    /// Numbers and the list.
    pub members: String,
}

/// Writes both views. The members view is the counts view with the lists behind it, so that is written once.
pub fn views(heading: Heading<'_>, listing: &Listing<'_>) -> Views {
    let counts = to_json(&CountsView::new(heading));
    let mut members = String::with_capacity(counts.len() + listing.length());
    members.push_str(&counts[..counts.len() - 1]);
    members.push(',');
    listing.push(&mut members);
    members.push('}');
    Views { counts, members }
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
    fn new(heading: Heading<'a>) -> Self {
        let Heading { channel, taken_at, period, counts, peaks, live } = heading;
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
