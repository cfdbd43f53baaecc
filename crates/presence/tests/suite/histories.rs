//! Random histories of a channel, against a slow and obvious model.
//!
//! The model keeps the whole history and derives everything from it anew, each time, in the words of the contract;
//! the ledger keeps a few numbers. They must tell the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::channel::{Channel, Told};

const USERS: [&str; 4] = ["ann", "bo", "cy", "di"];
const RECENT_SECONDS: u64 = 150;

/// How a user appears at a roll call.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Seen {
    Absent,
    Named,
    Hidden,
    /// Matches the guests of this roll call, here or not.
    Guest {
        here: bool,
    },
}

/// One roll call of the history.
#[derive(Debug, Clone)]
struct Step {
    /// Seconds since the one before.
    pause: u64,
    seen: [Seen; 4],
    /// Clients without a user id.
    anonymous: usize,
}

fn any_step() -> impl Strategy<Value = Step> {
    let seen = prop_oneof![
        4 => Just(Seen::Named),
        4 => Just(Seen::Absent),
        1 => Just(Seen::Hidden),
        1 => any::<bool>().prop_map(|here| Seen::Guest { here }),
    ];
    // A restart of Centrifugo: everybody is gone for one roll call. A pause of the collector: minutes without one.
    let everybody_gone = Just([Seen::Absent; 4]);
    let seen =
        prop_oneof![5 => [seen.clone(), seen.clone(), seen.clone(), seen], 1 => everybody_gone];
    let pause = prop_oneof![8 => Just(60_u64), 1 => Just(1), 1 => Just(3600)];
    let anonymous = prop_oneof![3 => Just(0_usize), 1 => 0..3_usize];
    (pause, seen, anonymous).prop_map(|(pause, seen, anonymous)| Step { pause, seen, anonymous })
}

/// The history so far, with the moment of each roll call.
struct Model<'h> {
    grace: usize,
    history: &'h [(u64, Step)],
}

impl Model<'_> {
    fn seen(&self, user: usize, at: usize) -> Seen {
        self.history[at].1.seen[user]
    }

    /// The last roll call up to `at` that a user answered, if they were nameable ever since.
    fn last_named(&self, user: usize, at: usize) -> Option<usize> {
        let since_unnamed = (0..=at)
            .rev()
            .take_while(|&i| matches!(self.seen(user, i), Seen::Named | Seen::Absent));
        since_unnamed.filter(|&i| self.seen(user, i) == Seen::Named).max()
    }

    /// Whether a user has come and not left, after roll call `at`: they missed no more in a row than the grace.
    fn stays(&self, user: usize, at: usize) -> bool {
        self.last_named(user, at).is_some_and(|last| at - last <= self.grace)
    }

    /// The roll call since which a user who stays after `at` has been here.
    fn since(&self, user: usize, at: usize) -> usize {
        (0..=at).rev().take_while(|&i| self.stays(user, i)).min().unwrap()
    }

    fn present(&self, at: usize) -> u64 {
        let step = &self.history[at].1;
        let users = step
            .seen
            .iter()
            .filter(|seen| !matches!(seen, Seen::Absent | Seen::Guest { here: false }));
        (users.count() + step.anonymous) as u64
    }

    fn occupied(&self, at: usize) -> bool {
        (0..=at).rev().take(self.grace + 1).any(|i| self.present(i) > 0)
    }

    /// The same question of the state before the first roll call is always answered by no.
    fn before(at: usize, question: impl Fn(usize) -> bool) -> bool {
        at.checked_sub(1).is_some_and(question)
    }

    fn check(&self, told: &Told, at: usize) {
        let now = self.history[at].0;
        let time = |i: usize| self.history[i].0;
        let users = || 0..USERS.len();
        let mut named: Vec<usize> = users().filter(|&u| self.seen(u, at) == Seen::Named).collect();
        named.sort_by_key(|&u| (self.since(u, at), USERS[u]));
        let members: Vec<Value> = named
            .iter()
            .map(|&u| json!({"id": USERS[u], "info": {"name": USERS[u]}, "clients": 1, "since": time(self.since(u, at))}))
            .collect();
        assert_eq!(told.view["members"], json!(members));
        assert_eq!(told.view["present"], self.present(at));

        let joined: Vec<_> = named_ids(users().filter(|&u| {
            self.seen(u, at) == Seen::Named && !Self::before(at, |at| self.stays(u, at))
        }));
        assert_eq!(told.changed("joined"), joined);
        let gone: Vec<usize> = users()
            .filter(|&u| Self::before(at, |at| self.stays(u, at)) && !self.stays(u, at))
            .collect();
        assert_eq!(told.changed("left"), named_ids(gone.iter().copied()));
        for (user, left) in gone
            .iter()
            .zip(told.event("#changed").map_or(&vec![], |e| e["left"].as_array().unwrap()))
        {
            let last = self.last_named(*user, at - 1).unwrap();
            assert_eq!(left["last_seen"], time(last));
            assert_eq!(left["since"], time(self.since(*user, at - 1)));
        }

        let mut recent: Vec<(usize, usize)> = users()
            .filter(|&u| self.seen(u, at) == Seen::Absent)
            .filter_map(|u| self.last_named(u, at).map(|last| (last, u)))
            .filter(|(last, _)| now - time(*last) <= RECENT_SECONDS * 1000)
            .collect();
        recent.sort_by_key(|&(last, u)| (usize::MAX - last, USERS[u]));
        assert_eq!(told.listed("recent"), named_ids(recent.into_iter().map(|(_, u)| u)));

        let was_occupied = Self::before(at, |at| self.occupied(at));
        assert_eq!(told.event("#occupied").is_some(), self.occupied(at) && !was_occupied);
        assert_eq!(told.event("#vacated").is_some(), was_occupied && !self.occupied(at));
        // Where nobody was ever there, there is no record to pass.
        let record = (0..at).map(|i| self.present(i)).max().filter(|record| *record > 0);
        assert_eq!(
            told.event("#peak").is_some(),
            record.is_some_and(|record| self.present(at) > record)
        );
        assert_eq!(
            told.view["peak"]["ever"]["present"],
            (0..=at).map(|i| self.present(i)).max().unwrap()
        );
        let nobody_waits = users().all(|u| !self.stays(u, at));
        assert_eq!(told.settled, !self.occupied(at) && nobody_waits);
    }
}

fn named_ids(users: impl Iterator<Item = usize>) -> Vec<String> {
    users.map(|user| USERS[user].to_owned()).collect()
}

/// Plays a history and checks each roll call.
fn play(grace: u32, steps: &[Step]) {
    let mut channel = Channel { grace, recent_seconds: RECENT_SECONDS, ..Channel::new() };
    let mut history: Vec<(u64, Step)> = Vec::new();
    let mut now = 1_790_000_000_000;
    for step in steps {
        now += step.pause * 1000;
        let guests: Vec<&str> = USERS
            .iter()
            .zip(step.seen)
            .filter(|(_, seen)| matches!(seen, Seen::Guest { .. }))
            .map(|(user, _)| *user)
            .collect();
        channel.guests = format!("nobody,{}", guests.join(","));
        let mut clients: Vec<(&str, Value)> = USERS
            .iter()
            .zip(step.seen)
            .filter_map(|(user, seen)| match seen {
                Seen::Absent | Seen::Guest { here: false } => None,
                Seen::Named | Seen::Guest { here: true } => Some((*user, json!({ "name": user }))),
                Seen::Hidden => Some((*user, json!({"name": user, "hidden": true}))),
            })
            .collect();
        clients.extend((0..step.anonymous).map(|_| ("", json!({}))));
        let told = channel.roll_call(now, &clients);
        history.push((now, step.clone()));
        let model = Model { grace: grace as usize, history: &history };
        model.check(&told, history.len() - 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    #[test]
    fn the_ledger_tells_what_the_whole_history_tells(
        grace in 0_u32..3,
        steps in prop::collection::vec(any_step(), 1..14),
    ) {
        play(grace, &steps);
    }
}
