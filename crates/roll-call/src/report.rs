//! What a roll call tells: in its answer, in the log and as numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use presence::Millis;
use serde::Serialize;

use crate::failure::{Failed, NothingCommitted, Step};
use crate::spent::Spent;

/// The answer of a start.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// One for each roll call that it took.
    pub roll_calls: Vec<RollCallReport>,
}

/// What became of one roll call.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RollCallReport {
    /// The moment that it is for: when Centrifugo was asked, or a moment of the clock just before.
    pub taken_at: Millis,
    /// Channels of this roll call, or shard.
    pub watched: usize,
    /// Where it was divided: into how many shards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shards: Option<usize>,
    /// Where it was divided: channels of the shards that the bus took, which other invocations take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_out: Option<usize>,
    /// Whether this is a shard that came too late, and was not taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Channels whose views are kept now.
    pub committed: usize,
    /// Channels of which a newer roll call was kept already.
    pub superseded: usize,
    /// What went wrong, channel by channel.
    pub failed: Vec<Failed>,
    /// Users who joined the committed channels.
    pub joined: usize,
    /// Users who left them.
    pub left: usize,
    /// Views that Centrifugo took.
    pub published: usize,
    /// Events that were taken.
    pub announced: usize,
    /// Events that were dropped from the outbox: nobody took them for a day, or there were too many.
    pub dropped: usize,
    /// How much went wrong, also where that is too much to be named one by one.
    #[serde(skip)]
    pub n_failed: usize,
    /// Whether this is a shard of a roll call.
    #[serde(skip)]
    pub is_shard: bool,
    /// Channels of globs that were not asked for, since there were more than `WATCH_CHANNELS_MAX`.
    #[serde(skip)]
    pub left_out: usize,
    /// Present in all committed channels together.
    #[serde(skip)]
    pub present: u64,
    /// Clients in all committed channels together.
    #[serde(skip)]
    pub clients: u64,
    /// Who was there, also where somebody else committed it.
    #[serde(skip)]
    pub seen: Seen,
    /// Age of the oldest view just before it was replaced, in milliseconds; `None` where all are the first.
    #[serde(skip)]
    pub oldest: Option<Millis>,
    /// Where the time went.
    #[serde(skip)]
    pub spent: Spent,
}

/// What a roll call saw, whoever committed it: of two collectors that take the same moment each sees all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Channels that Centrifugo told of.
    pub channels: u64,
    /// People present in them.
    pub present: u64,
    /// Clients in them.
    pub clients: u64,
}

/// A number of a roll call, for whoever keeps metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// In CamelCase, e.g. `Committed`.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// `None` where there is none: a first view replaces no older one, and no age is not an age of 0; nor does a roll call that
    /// is not divided count shards.
    pub value: Option<u64>,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Time, in milliseconds.
    Milliseconds,
    /// Time, in seconds.
    Seconds,
}

impl RollCallReport {
    /// Channels of which something newer is kept now, or is about to be.
    pub(crate) fn reached(&self) -> usize {
        self.committed + self.superseded + self.handed_out.unwrap_or(0)
    }

    /// Every number of the roll call; it `went_well` unless nothing could be committed.
    pub fn numbers(&self, went_well: bool) -> [Number; 20] {
        let known = |name, value| Number { name, unit: Unit::Count, value };
        let count = |name, value| known(name, Some(value));
        let millis = |name, spent: Duration| {
            let value = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX);
            Number { name, unit: Unit::Milliseconds, value: Some(value) }
        };
        [
            count("RollCallOk", u64::from(went_well)),
            count("Watched", self.watched as u64),
            count("LeftOut", self.left_out as u64),
            count("Committed", self.committed as u64),
            count("Superseded", self.superseded as u64),
            count("Failed", self.n_failed as u64),
            count("Present", self.present),
            count("Clients", self.clients),
            count("Joined", self.joined as u64),
            count("Left", self.left as u64),
            count("Published", self.published as u64),
            count("Announced", self.announced as u64),
            count("Dropped", self.dropped as u64),
            known("ShardsDue", self.shards.map(|shards| shards as u64)),
            known("ShardsTaken", self.is_shard.then(|| u64::from(self.committed > 0))),
            millis("AskMs", self.spent.at(Step::List) + self.spent.at(Step::Ask)),
            millis("CommitMs", self.spent.at(Step::Commit)),
            millis("PublishMs", self.spent.at(Step::Publish)),
            millis("AnnounceMs", self.spent.at(Step::Announce)),
            Number {
                name: "AgeSeconds",
                unit: Unit::Seconds,
                value: self.oldest.map(|oldest| oldest / 1000),
            },
        ]
    }

    /// Writes the roll call to the log. What makes the whole of it fail is left to whoever gets the error.
    pub(crate) fn log(&self, error: Option<&NothingCommitted>) {
        let told = error.map(ToString::to_string);
        // What fails one channel often fails thousands: a line for each kind of failure, not for each channel.
        let mut kinds: BTreeMap<(Step, &str), Vec<&str>> = BTreeMap::new();
        for failed in self.failed.iter().filter(|failed| Some(&failed.error) != told.as_ref()) {
            kinds.entry((failed.step, &failed.error)).or_default().push(&failed.channel);
        }
        for ((_, error), channels) in kinds {
            let (n_channels, first) = (channels.len(), channels[0]);
            tracing::warn!(
                channel = first,
                n_channels,
                "Channel {first:?} failed (one of {n_channels}): {error}"
            );
        }
        if self.dropped > 0 {
            tracing::warn!(
                roll_call.dropped = self.dropped,
                "{} events were dropped that nobody took for a day, or that were too many",
                self.dropped
            );
        }
        if self.left_out > 0 {
            tracing::warn!(
                roll_call.left_out = self.left_out,
                "{} channels were left out: globs match more than WATCH_CHANNELS_MAX",
                self.left_out
            );
        }
        if error.is_some() {
            return;
        }
        if let (Some(shards), Some(handed_out)) = (self.shards, self.handed_out) {
            tracing::info!(
                roll_call.taken_at = self.taken_at,
                roll_call.watched = self.watched,
                roll_call.shards = shards,
                roll_call.handed_out = handed_out,
                "Roll call divided into {shards} shards: {handed_out} of {} channels handed out",
                self.watched
            );
        }
        tracing::info!(
            roll_call.taken_at = self.taken_at,
            roll_call.watched = self.watched,
            roll_call.committed = self.committed,
            "{} taken: {} of {} channels committed",
            if self.is_shard { "Shard" } else { "Roll call" },
            self.committed,
            self.watched - self.handed_out.unwrap_or(0)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_a_name_of_its_own_and_a_first_view_has_no_age() {
        let numbers = RollCallReport::default().numbers(true);
        let names: std::collections::BTreeSet<_> =
            numbers.iter().map(|number| number.name).collect();
        assert_eq!(names.len(), numbers.len());
        let missing = numbers.iter().filter(|number| number.value.is_none());
        let missing: Vec<_> = missing.map(|number| number.name).collect();
        assert_eq!(missing, ["ShardsDue", "ShardsTaken", "AgeSeconds"]);
        let report = RollCallReport { oldest: Some(61_500), ..RollCallReport::default() };
        assert_eq!(report.numbers(true)[19].value, Some(61));
    }
}
