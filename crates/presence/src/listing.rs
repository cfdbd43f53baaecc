//! The named part of a members view: who is here, and who was lately.

use std::borrow::Cow;

use crate::Millis;
use crate::info::Info;
use crate::json::{push_list, push_number, push_text};

/// Most names in `recent`.
pub(crate) const RECENT_MAX: usize = 20;

/// Most bytes of `members` and `recent` in a view. Centrifugo closes every subscriber to whom it can't queue a publication
/// (`client.queue_max_size`, 1 MiB by default), so a list of long names and URLs ends early and says `truncated`.
pub const LISTED_BYTES_MAX: usize = 512 * 1024;

/// The field names, numbers and punctuation of a member take less.
const PLAIN: usize = 96;

/// A user who answered this roll call.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recent {
    pub(crate) id: String,
    pub(crate) info: Info,
    pub(crate) last_seen: Millis,
}

impl Member<'_> {
    /// Appends them as an object.
    pub(crate) fn push(&self, json: &mut String) {
        let Self { id, info, clients, since } = self;
        push_somebody(json, id, info, &[("clients", (*clients).into()), ("since", *since)]);
    }
}

impl Recent {
    fn push(&self, json: &mut String) {
        push_somebody(json, &self.id, &self.info, &[("last_seen", self.last_seen)]);
    }
}

/// The lists of a channel.
#[derive(Debug, Clone)]
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

    /// Appends them as the fields of an object.
    pub(crate) fn push(&self, json: &mut String) {
        json.push_str("\"members\":");
        push_list(json, &self.members, Member::push);
        json.push_str(",\"truncated\":");
        json.push_str(if self.truncated { "true" } else { "false" });
        json.push_str(",\"recent\":");
        push_list(json, &self.recent, Recent::push);
    }

    /// About as many bytes as [`Self::push`] appends, and rather more.
    pub(crate) fn length(&self) -> usize {
        let members = self.members.iter().map(|member| (member.id.len(), &member.info));
        let recent = self.recent.iter().map(|recent| (recent.id.len(), &recent.info));
        members.chain(recent).map(|(id, info)| id + info.object().len() + PLAIN).sum::<usize>()
            + PLAIN
    }
}

/// Appends somebody as an object: id, info, and what else is told of them, each a number under its name.
pub(crate) fn push_somebody(json: &mut String, id: &str, info: &Info, told: &[(&str, u64)]) {
    json.push_str("{\"id\":");
    push_text(json, id);
    json.push_str(",\"info\":");
    json.push_str(info.object());
    for (name, number) in told {
        json.extend([",\"", name, "\":"]);
        push_number(json, *number);
    }
    json.push('}');
}

/// Cuts a list where it would take more than `room` bytes of JSON, and takes from `room` what it does take.
fn keep_what_fits<T>(list: &mut Vec<T>, room: &mut usize, parts: fn(&T) -> (&str, &Info)) {
    let fitting = list.iter().take_while(|item| {
        let (id, info) = parts(item);
        let bytes = json_length(id) + info.object().len() + PLAIN;
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
