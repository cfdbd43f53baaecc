//! From an answer and a ledger to what is committed.

use presence::{
    Before, Census, Counts, Event, Heading, Millis, Rules, Views, compare, events, views,
};
use store::{Commit, KeptLedger};

use crate::config::Config;

/// What is the same for all channels of a roll call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RollCall {
    pub(crate) taken_at: Millis,
    /// Whether nothing may be announced of channels without a ledger.
    pub(crate) is_baseline: bool,
    /// Whether there is somebody to announce to.
    pub(crate) announces: bool,
}

/// A channel's roll call, ready to be committed.
pub(crate) struct Taken {
    /// The channel, by its place in the list of channels.
    pub(crate) place: usize,
    pub(crate) views: Views,
    pub(crate) counts: Counts,
    pub(crate) joined: usize,
    pub(crate) left: usize,
    /// Whether somebody is present in a channel that was vacated.
    pub(crate) occupied_anew: bool,
    /// Whether the channel need not be asked again, once what it has to announce is announced.
    pub(crate) settled: bool,
    pub(crate) version_epoch: Millis,
    /// What this roll call has to announce; `None` where there is nobody to announce to.
    pub(crate) events: Option<Vec<Event>>,
    /// What earlier ones had to, and could not yet: known once it is committed.
    pub(crate) waiting: Vec<Millis>,
    /// Since when the view that this one replaces was the newest; `None` for the first.
    pub(crate) age: Option<Millis>,
    taken_at: Millis,
    compared_with: Vec<u8>,
    head: Vec<u8>,
    users: Vec<u8>,
}

impl Taken {
    /// Compares the census of a channel with its ledger.
    pub(crate) fn of(
        config: &Config,
        (place, channel): (usize, &str),
        census: Census<'_>,
        kept: KeptLedger,
        roll_call: RollCall,
    ) -> Self {
        let RollCall { taken_at, is_baseline, announces } = roll_call;
        let KeptLedger { head: compared_with, users } = kept;
        let before = match (compared_with.is_empty() && users.is_empty(), is_baseline) {
            (false, _) => Before::Ledger { head: &compared_with, users: &users },
            (true, false) => Before::Nothing,
            (true, true) => Before::Baseline,
        };
        let scope = &config.scope;
        let rules = Rules {
            guests: &scope.guests,
            fields: &config.info_fields,
            grace: config.grace,
            recent: Millis::try_from(config.recent.as_millis()).unwrap_or(Millis::MAX),
            listed_max: config.listed_max,
        };
        let counts = census.counts();
        let comparison = compare(census, before, taken_at, rules);
        if comparison.is_unreadable {
            tracing::warn!(
                channel,
                "The ledger of channel {channel:?} can't be read: it begins anew and announces nothing"
            );
        }
        let live = scope.live(channel);
        let heading = Heading {
            channel,
            taken_at,
            period: scope.period,
            counts,
            peaks: comparison.head.peaks(),
            live: live.as_ref(),
        };
        let changes = &comparison.changes;
        Self {
            place,
            views: views(heading, &comparison.listing),
            counts,
            joined: changes.joined.len(),
            left: changes.left.len(),
            occupied_anew: comparison.occupied_anew,
            settled: comparison.settled,
            version_epoch: comparison.head.version_epoch(),
            events: announces.then(|| events(channel, taken_at, counts, changes)),
            waiting: Vec::new(),
            age: comparison.before.map(|before| taken_at.saturating_sub(before)),
            taken_at,
            compared_with,
            head: comparison.head.to_bytes(),
            users: comparison.users,
        }
    }

    /// The commit of this roll call.
    pub(crate) fn commit<'c>(&'c self, channel: &'c str, is_forgotten: bool) -> Commit<'c> {
        Commit {
            channel,
            taken_at: self.taken_at,
            views: &self.views,
            compared_with: &self.compared_with,
            head: &self.head,
            users: &self.users,
            present: self.counts.present,
            events: self.events.as_deref(),
            is_forgotten,
        }
    }
}
