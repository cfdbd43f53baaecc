//! What is true: who was there, what was committed in which order, and so what each view must say and what is to be announced.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;

use crate::census::Census;
use crate::channels::{VAULT, all};
use crate::crowd::Population;
use crate::events::Events;
use crate::minutes::Minutes;
use crate::model::{Ledger, Outcome, Rules, roll_call};
use crate::monitor::{Fact, Kept};
use crate::story::Start;
use crate::versions::{Version, Versions};
use crate::violation::Violation;

/// A kept roll call is from the future when it is so many milliseconds ahead of a collector's clock.
const FUTURE: u64 = 10_000;

/// What is known of the round in which facts came about.
pub(crate) struct Circumstances<'r> {
    /// Who was there; several, where Centrifugo was lost in the middle.
    pub(crate) populations: Vec<&'r Population>,
    /// The collectors that took something.
    pub(crate) starts: Vec<&'r Start>,
    /// Whether a first roll call is not through: nothing is announced of channels without a ledger.
    pub(crate) is_baseline: bool,
}

/// One commit as the model sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Committed {
    pub(crate) channel: String,
    pub(crate) taken_at: u64,
    pub(crate) joined: u64,
    pub(crate) left: u64,
}

/// All that is true.
pub(crate) struct Truth {
    rules: Rules,
    channels: BTreeMap<&'static str, Channel>,
    pub(crate) events: Events,
    pub(crate) n_commits: u64,
}

#[derive(Default)]
pub(crate) struct Channel {
    ledger: Option<Ledger>,
    pub(crate) versions: Versions,
    minutes: Minutes,
    /// Committed by a roll call during which everything was lost: the list of channels may not know of it.
    straddles: bool,
}

impl Truth {
    pub(crate) fn new(rules: Rules) -> Self {
        let channels = all().map(|channel| (channel, Channel::default())).collect();
        Self { rules, channels, events: Events::default(), n_commits: 0 }
    }

    pub(crate) fn channel(&self, channel: &str) -> Option<&Channel> {
        self.channels.get(channel)
    }

    /// Takes in what happened in a round, in its order.
    ///
    /// # Errors
    /// What must not have happened.
    pub(crate) fn take_in(
        &mut self,
        facts: &[(Instant, Fact)],
        circumstances: &Circumstances<'_>,
    ) -> Result<Vec<Committed>, Violation> {
        let mut was_lost = false;
        let mut committed = Vec::new();
        for (at, fact) in facts {
            match fact {
                Fact::Lost => {
                    was_lost = true;
                    self.lose(*at);
                }
                Fact::Kept(kept) => {
                    committed.push(self.commit(kept, *at, circumstances, was_lost)?);
                }
            }
        }
        Ok(committed)
    }

    fn lose(&mut self, at: Instant) {
        for channel in self.channels.values_mut() {
            channel.ledger = None;
            channel.straddles = false;
            channel.versions.lose(at);
            channel.minutes.forget();
        }
        self.events.lose();
    }

    fn commit(
        &mut self,
        kept: &Kept,
        at: Instant,
        circumstances: &Circumstances<'_>,
        was_lost: bool,
    ) -> Result<Committed, Violation> {
        let Kept { channel: name, taken_at, counts, members } = kept;
        let Some((&known, channel)) =
            self.channels.iter_mut().find(|(known, _)| **known == name.as_str())
        else {
            return Err(Violation::of("I6", format!("a view of channel {name} is kept")));
        };
        let takers = circumstances.starts.iter().filter(|start| start.taken_at == *taken_at);
        let Some(clock) = takers.clone().map(|start| start.clock).min() else {
            return Err(Violation::of("taken_at", format!("nobody took {name} at {taken_at}")));
        };
        // A plan's shards know that it was a baseline, also where they come late.
        let is_baseline =
            circumstances.is_baseline || takers.clone().any(|start| start.is_of_baseline());
        // Named: what a shard announces from before a loss, once a plan from after it is handed out, is open.
        let is_late_shard = takers.clone().all(|start| start.is_of_no_baseline());
        if let Some(current) = channel.versions.current()
            && (*taken_at..=clock + FUTURE).contains(&current.taken_at)
        {
            let before = current.taken_at;
            return Err(Violation::of("I1", format!("{name} at {taken_at} after {before}")));
        }
        let censuses: Vec<&Census> = circumstances
            .populations
            .iter()
            .filter_map(|population| population.get(known)?.as_ref())
            .collect();
        let outcomes = censuses.into_iter().map(|census| {
            roll_call(known, *taken_at, census, channel.ledger.as_ref(), &self.rules)
        });
        let outcome = choose(outcomes.collect(), kept)?;
        let is_new = channel.ledger.is_none();
        // Named: what a roll call announces that began before a loss and goes on after it is open.
        let (is_announced, is_due) = match is_new {
            false => (true, true),
            true if was_lost || (is_baseline && is_late_shard) => (true, false),
            true => (!is_baseline, true),
        };
        let mut committed =
            Committed { channel: name.clone(), taken_at: *taken_at, ..Committed::default() };
        for (_, detail) in outcome.events.into_iter().filter(|_| is_announced) {
            let length = |list: &str| detail[list].as_array().map_or(0, Vec::len) as u64;
            committed.joined += length("joined");
            committed.left += length("left");
            self.events.expect(detail, is_due);
        }
        channel.straddles = was_lost;
        channel.ledger = Some(outcome.ledger);
        channel.minutes.count(*taken_at, outcome.counts["present"].as_u64().unwrap_or_default());
        channel.versions.keep(*taken_at, counts, members, at);
        self.n_commits += 1;
        Ok(committed)
    }

    /// Whether an undisturbed roll call must take the channel: it is watched by name, there is somebody, or something is still
    /// to be ended.
    pub(crate) fn must_be_taken(
        &self,
        channel: &str,
        census: Option<&Census>,
        is_named: bool,
    ) -> bool {
        let Some(census) = census else { return false };
        let is_open = self.channels.get(channel).is_some_and(|channel| {
            let open = channel.ledger.as_ref().is_some_and(|ledger| !ledger.is_settled());
            open && !channel.straddles
        });
        is_named || census.clients > 0 || is_open
    }

    /// The history of a channel; `None` where nothing is kept.
    pub(crate) fn history(&self, name: &str) -> Option<Value> {
        let channel = self.channels.get(name)?;
        channel.minutes.history(name, &channel.versions.current()?.counts)
    }

    /// The view that everybody may read.
    pub(crate) fn public<'v>(&self, channel: &str, version: &'v Version) -> &'v str {
        if self.rules.members_are_public && channel != VAULT {
            &version.members
        } else {
            &version.counts
        }
    }
}

/// The outcome that was kept, of those that may be.
fn choose(outcomes: Vec<Outcome>, kept: &Kept) -> Result<Outcome, Violation> {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (counts, members) = (json(&kept.counts), json(&kept.members));
    let is_it = |outcome: &&Outcome| outcome.counts == counts && outcome.members == members;
    if let Some(outcome) = outcomes.iter().find(is_it) {
        return Ok(outcome.clone());
    }
    let expected: Vec<String> =
        outcomes.iter().map(|outcome| format!("{}\n{}", outcome.counts, outcome.members)).collect();
    let (channel, expected) = (&kept.channel, expected.join("\nor\n"));
    let what = format!("{channel} is kept as\n{counts}\n{members}\nand must be\n{expected}");
    Err(Violation::of("view", what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::Client;

    const AT: u64 = 1_790_000_000_000;
    const ROOM: &str = "room:1";

    fn rules() -> Rules {
        let client_url = "wss://x".to_owned();
        Rules { grace: 1, recent: 900_000, listed_max: 5, client_url, members_are_public: true }
    }

    fn people(users: &[&str]) -> Population {
        let client = |user: &&str| Client {
            id: format!("client of {user}"),
            user: (*user).to_owned(),
            conn_info: None,
            chan_info: None,
        };
        let clients: Vec<Client> = users.iter().map(client).collect();
        Population::from([(ROOM, Some(Census::of(&clients)))])
    }

    /// A stage of one room: what is kept of it is what the model says, unless a test changes it.
    struct Room(Truth);

    impl Room {
        fn kept(&self, population: &Population, at: u64) -> Kept {
            let before = self.0.channels[ROOM].ledger.as_ref();
            let census = population[ROOM].as_ref().unwrap();
            let outcome = roll_call(ROOM, at, census, before, &self.0.rules);
            let (counts, members) = (outcome.counts.to_string(), outcome.members.to_string());
            Kept { channel: ROOM.to_owned(), taken_at: at, counts, members }
        }

        fn take_in(
            &mut self,
            facts: Vec<Fact>,
            population: &Population,
            clock: u64,
            is_baseline: bool,
        ) -> Result<Vec<Committed>, Violation> {
            let facts: Vec<_> = facts.into_iter().map(|fact| (Instant::now(), fact)).collect();
            let start = Start::at(clock);
            let starts = vec![&start];
            let circumstances =
                Circumstances { populations: vec![population], starts, is_baseline };
            self.0.take_in(&facts, &circumstances)
        }

        /// A roll call as it should be.
        fn roll_call(&mut self, users: &[&str], at: u64) -> Committed {
            let population = people(users);
            let kept = self.kept(&population, at);
            self.take_in(vec![Fact::Kept(kept)], &population, at, false).unwrap().remove(0)
        }
    }

    #[test]
    fn who_comes_and_goes_is_to_be_announced_and_an_absence_within_the_grace_is_not() {
        let mut room = Room(Truth::new(rules()));
        assert_eq!(room.roll_call(&["uid-1", "uid-2"], AT).joined, 2);
        assert_eq!(room.0.events.outstanding(None).len(), 2, "changed and occupied");
        assert_eq!(room.roll_call(&["uid-1"], AT + 60_000).left, 0);
        assert_eq!(room.roll_call(&["uid-1"], AT + 120_000).left, 1);
        assert_eq!(room.0.events.outstanding(None).len(), 3);
        assert!(room.0.must_be_taken(ROOM, people(&[])[ROOM].as_ref(), false));
    }

    #[test]
    fn a_view_that_says_something_else_shows() {
        let mut room = Room(Truth::new(rules()));
        let population = people(&["uid-1"]);
        for (from, to) in [("\"present\":1", "\"present\":2"), ("uid-1", "uid-2")] {
            let mut kept = room.kept(&population, AT);
            kept.members = kept.members.replace(from, to);
            let wrong = room.take_in(vec![Fact::Kept(kept)], &population, AT, false).unwrap_err();
            assert_eq!(wrong.promise, "view");
        }
    }

    #[test]
    fn a_view_that_goes_back_shows_unless_the_clock_was_wrong() {
        let mut room = Room(Truth::new(rules()));
        room.roll_call(&["uid-1"], AT);
        let population = people(&["uid-1"]);
        for at in [AT, AT - 1, AT - 9000] {
            let kept = Fact::Kept(room.kept(&population, at));
            let wrong = room.take_in(vec![kept], &population, at, false).unwrap_err();
            assert_eq!(wrong.promise, "I1", "{at}");
        }
        room.roll_call(&["uid-1"], AT - 3_600_000);
        let kept = Fact::Kept(room.kept(&population, AT));
        let wrong = room.take_in(vec![kept], &population, AT + 1, false).unwrap_err();
        assert_eq!(wrong.promise, "taken_at", "nobody took it");
    }

    #[test]
    fn a_baseline_announces_nothing_and_what_was_lost_need_not_be() {
        let mut room = Room(Truth::new(rules()));
        let population = people(&["uid-1"]);
        let kept = Fact::Kept(room.kept(&population, AT));
        room.take_in(vec![kept], &population, AT, true).unwrap();
        assert!(room.0.events.outstanding(None).is_empty());
        assert_eq!(room.roll_call(&["uid-1", "uid-2"], AT + 60_000).joined, 1);
        assert_eq!(room.0.events.outstanding(None).len(), 2, "changed and peak");
        room.take_in(vec![Fact::Lost], &population, AT, true).unwrap();
        assert!(room.0.events.outstanding(None).is_empty());
        assert!(room.0.channels[ROOM].ledger.is_none());
    }
}
