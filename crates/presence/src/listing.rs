//! The named part of a members view: who is here, and who was lately.

use std::borrow::Cow;

use serde::Serialize;

use crate::Millis;
use crate::info::Info;

/// Most names in `recent`.
pub(crate) const RECENT_MAX: usize = 20;

/// Most bytes of `members` and `recent` in a view. Centrifugo closes every subscriber to whom it can't queue a publication
/// (`client.queue_max_size`, 1 MiB by default), so a list of long names and URLs ends early and says `truncated`.
pub const LISTED_BYTES_MAX: usize = 512 * 1024;

/// A user who answered this roll call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member<'a> {
    /// The token's `sub`.
    pub id: Cow<'a, str>,
    /// What may be shown of them.
    pub info: Info,
    /// Their connections.
    pub clients: u32,
    /// Since when they have been here.
    pub since: Millis,
}

/// A user who answered lately, but not this roll call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Recent {
    pub(crate) id: String,
    pub(crate) info: Info,
    pub(crate) last_seen: Millis,
}

/// The lists of a channel.
#[derive(Debug, Clone, Serialize)]
pub struct Listing<'a> {
    members: Vec<Member<'a>>,
    truncated: bool,
    recent: Vec<Recent>,
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
