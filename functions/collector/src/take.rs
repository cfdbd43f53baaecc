//! From an answer and a ledger to what is committed.

use centrifugo::PresenceReply;
use presence::{
    Before, CensusOf, Counts, Event, Ledger, Millis, RollCall, Rules, Views, compare, events, views,
};
use store::{Commit, KeptLedger};

use crate::config::Config;

/// A channel's roll call, ready to be committed.
pub(crate) struct Taken {
    pub(crate) channel: String,
    pub(crate) views: Views,
    pub(crate) counts: Counts,
    pub(crate) joined: usize,
    pub(crate) left: usize,
    pub(crate) settled: bool,
    pub(crate) version_epoch: String,
    /// What this roll call has to announce.
    pub(crate) events: Vec<Event>,
    /// What earlier ones had to, and could not yet.
    pub(crate) outbox: Vec<Event>,
    /// Since when the view that this one replaces was the newest; `None` for the first.
    pub(crate) age: Option<Millis>,
    taken_at: Millis,
    compared_with: Vec<u8>,
    head: Vec<u8>,
    users: Vec<u8>,
}

impl Taken {
    /// Takes the census of a channel and compares it with the ledger.
    pub(crate) fn of(
        config: &Config,
        channel: &str,
        reply: PresenceReply<'_>,
        kept: KeptLedger,
        is_baseline: bool,
        taken_at: Millis,
    ) -> Result<Self, centrifugo::Error> {
        let KeptLedger { head: compared_with, users, outbox } = kept;
        let Config { scope, info_fields: fields, .. } = config;
        let guests = &scope.guests;
        let census = reply.census(channel, CensusOf { guests, fields })?;
        let counts = census.counts();
        let rules = Rules {
            guests,
            fields,
            grace: config.grace,
            recent: Millis::try_from(config.recent.as_millis()).unwrap_or(Millis::MAX),
            listed_max: config.listed_max,
        };
        let before = before(channel, &compared_with, &users, is_baseline);
        let age = match &before {
            Before::Ledger(ledger) => Some(taken_at.saturating_sub(ledger.taken_at())),
            Before::New | Before::Baseline => None,
        };
        let comparison = compare(census, before, taken_at, rules);
        let live = scope.live(channel);
        let roll_call = RollCall {
            channel,
            taken_at,
            period: scope.period,
            counts,
            peaks: comparison.head.peaks(),
            live: live.as_ref(),
        };
        let views = views(roll_call, &comparison.listing);
        let changes = &comparison.changes;
        let events = match &config.event_bus {
            Some(_) => events(channel, taken_at, counts, changes),
            None => Vec::new(),
        };
        Ok(Self {
            channel: channel.to_owned(),
            views,
            counts,
            joined: changes.joined.len(),
            left: changes.left.len(),
            settled: comparison.settled,
            version_epoch: comparison.head.version_epoch.clone(),
            events,
            outbox,
            age,
            taken_at,
            compared_with,
            head: comparison.head.to_json(),
            users: comparison.users,
        })
    }

    /// The commit of this roll call.
    pub(crate) fn commit(&self) -> Commit<'_> {
        Commit {
            channel: &self.channel,
            taken_at: self.taken_at,
            views: &self.views,
            compared_with: &self.compared_with,
            head: &self.head,
            users: &self.users,
            present: self.counts.present,
            events: &self.events,
        }
    }
}

fn before<'a>(channel: &str, head: &[u8], users: &'a [u8], is_baseline: bool) -> Before<'a> {
    if head.is_empty() && users.is_empty() {
        return if is_baseline { Before::Baseline } else { Before::New };
    }
    Ledger::parse(head, users).map_or_else(
        |_| {
            tracing::warn!(channel, "The ledger of channel `{channel}` can't be read: it begins anew and announces nothing");
            Before::Baseline
        },
        Before::Ledger,
    )
}
