//! What happens: people, collectors and faults of each round, all from the seed.

use std::time::Duration;

use harness::Fault;
use serde_json::Value;

use crate::bus::Refusal;
use crate::chance::Chance;
use crate::people::{Moves, People, Tab};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
/// The first roll call: an hour before midnight, so that a day ends soon.
const BEGIN: u64 = 1_790_031_600_000;

/// A server that a collector talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Centrifugo,
    Redis,
    Bus,
}

/// What a server, or a collector, suffers at a certain moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Harm {
    /// One request, or each of them.
    Request { fault: Fault, each: bool },
    /// The server is killed; an empty one comes at once, or when the roll call is over.
    Kill { at_once: bool },
    /// The server stands still.
    Freeze(Duration),
    /// Redis forgets all.
    Flush,
    /// Redis forgets its scripts.
    ForgetScripts,
    /// The first collector is killed; its request arrives or not.
    KillCollector { arrives: bool },
    /// The first collector stands still until the others are done.
    StallCollector,
}

/// A harm, and the bytes on their way to a server at which it comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) server: Server,
    pub(crate) mark: &'static str,
    pub(crate) harm: Harm,
}

/// One start of a collector.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// What its clock says.
    pub(crate) clock: u64,
    /// The moment of its roll call; of a shard, that of the plan.
    pub(crate) taken_at: u64,
    pub(crate) is_wrong: bool,
    pub(crate) within: u64,
    pub(crate) part: Part,
}

/// What of a roll call a start takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    All,
    /// Plans, and hands out what is more than so many channels.
    Plan(usize),
    /// What was handed out.
    Shard(Value),
}

impl Start {
    /// A whole roll call at that moment, by a clock that is right.
    pub(crate) fn at(clock: u64) -> Self {
        Self { clock, taken_at: clock, is_wrong: false, within: 8000, part: Part::All }
    }

    /// Whether it is a shard whose planner found nothing kept.
    pub(crate) fn is_of_baseline(&self) -> bool {
        matches!(&self.part, Part::Shard(shard) if shard["baseline"] == true)
    }

    /// Whether it is a shard whose planner found something kept.
    pub(crate) fn is_of_no_baseline(&self) -> bool {
        matches!(&self.part, Part::Shard(shard) if shard["baseline"] == false)
    }
}

/// What happens around one minute.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) number: u64,
    pub(crate) moves: Moves,
    pub(crate) starts: Vec<Start>,
    pub(crate) acts: Vec<Act>,
    pub(crate) refusal: Refusal,
    /// How shards are delivered, if any are handed out.
    pub(crate) delivery: u64,
}

impl Round {
    /// Whether one collector with a right clock goes its way undisturbed.
    pub(crate) fn is_calm(&self) -> bool {
        let is_one =
            matches!(self.starts.as_slice(), [Start { is_wrong: false, part: Part::All, .. }]);
        is_one && self.acts.is_empty() && self.refusal == Refusal::Nothing
    }

    fn kills(&self, server: Server) -> bool {
        let kills = |act: &Act| act.server == server && matches!(act.harm, Harm::Kill { .. });
        self.acts.iter().any(kills)
    }
}

/// The story of a seed, round by round.
pub(crate) struct Story {
    chance: Chance,
    people: People,
    minute: u64,
    n_rounds: u64,
    /// Tabs whose connection went with a Centrifugo.
    lost: Vec<Tab>,
}

impl Story {
    pub(crate) fn new(chance: Chance) -> Self {
        Self { chance, people: People::new(), minute: BEGIN, n_rounds: 0, lost: Vec::new() }
    }

    /// The next round; a `quiet` one has neither people who move nor faults.
    pub(crate) fn next(&mut self, quiet: bool) -> Round {
        self.n_rounds += 1;
        let mut chance = self.chance.fork();
        let pause = if chance.percent(2) { chance.between(1, 200) } else { 1 };
        self.minute += pause * MINUTE;
        let moves = if quiet { self.people.rest() } else { self.people.act(&mut chance) };
        let moves = self.with_who_come_back(moves, quiet || chance.percent(70));
        // Not to the minute, so that no moment of a wrong clock is ever the moment of a right one.
        let at = self.minute + chance.between(0, 20_000);
        let mut round = Round {
            number: self.n_rounds,
            moves,
            starts: vec![Start::at(at)],
            acts: Vec::new(),
            refusal: Refusal::Nothing,
            delivery: chance.next(),
        };
        if !quiet {
            match chance.weighted(&[36, 10, 6, 14, 34]) {
                0 => {}
                1 => overlap(&mut round, &mut chance),
                2 => wrong_clock(&mut round, &mut chance),
                3 => divide(&mut round, &mut chance),
                _ => faults(&mut round, &mut chance),
            }
        }
        if round.kills(Server::Centrifugo) {
            self.lost = self.people.tabs().cloned().collect();
        }
        round
    }

    /// After Centrifugo was killed, all come back at once or a while later.
    fn with_who_come_back(&mut self, mut moves: Moves, they_do: bool) -> Moves {
        let is_open = |tab: &Tab| self.people.tabs().any(|other| other.number == tab.number);
        self.lost.retain(is_open);
        if they_do {
            moves.opened.append(&mut self.lost);
        }
        moves
    }
}

/// Two or three collectors at once, of the same moment or of moments close to each other.
fn overlap(round: &mut Round, chance: &mut Chance) {
    let clock = round.starts[0].clock;
    for _ in 0..chance.between(1, 2) {
        let later = if chance.percent(40) { 0 } else { chance.between(1, 3000) };
        round.starts.push(Start::at(clock + later));
    }
}

/// A collector whose clock is an hour wrong, alone or beside one whose is right.
fn wrong_clock(round: &mut Round, chance: &mut Chance) {
    let clock = round.starts[0].clock;
    let clock = if chance.percent(50) { clock + HOUR } else { clock - HOUR };
    let wrong = Start::at(clock + chance.between(21_000, 29_000));
    let wrong = Start { is_wrong: true, ..wrong };
    match chance.weighted(&[6, 4]) {
        0 => round.starts = vec![wrong],
        _ => round.starts.push(wrong),
    }
}

/// A roll call in shards, half of the time with a fault.
fn divide(round: &mut Round, chance: &mut Chance) {
    if chance.percent(50) {
        faults(round, chance);
    }
    round.starts.truncate(1);
    round.starts[0].part = Part::Plan(chance.index(4) + 1);
    // Nobody is there for whom one could stand still.
    round.acts.retain(|act| act.harm != Harm::StallCollector);
}

const TO_CENTRIFUGO: [&str; 3] = ["/api/channels", "{\"presence\":", "{\"publish\":"];
const TO_REDIS: [&str; 9] = [
    "HSCAN",
    "EXISTS",
    "HSET",
    "HMGET",
    "EVALSHA",
    "{site:main}:view",
    "{room:1}:view",
    "HDEL",
    "EXPIRE",
];
const TO_BUS: [&str; 2] = ["PutEvents", "POST /hooks"];

/// One fault or two, each at another server.
fn faults(round: &mut Round, chance: &mut Chance) {
    if chance.percent(15) {
        overlap(round, chance);
    }
    for _ in 0..if chance.percent(25) { 2 } else { 1 } {
        let act = act(round, chance);
        let is_free = |other: &Act| act.is_some_and(|act| act.server != other.server);
        if round.acts.iter().all(is_free) {
            round.acts.extend(act);
        }
    }
    // Centrifugo's silence is borne for five seconds: the end of the time comes sooner.
    let hangs = |act: &Act| {
        let is_long =
            matches!(act.harm, Harm::Request { fault: Fault::Hang, .. } | Harm::Freeze(_));
        is_long && act.server != Server::Redis
    };
    if round.acts.iter().any(hangs) {
        round.starts.iter_mut().for_each(|start| start.within = 2500);
    }
}

/// A fault; some are no act but the bus' own.
fn act(round: &mut Round, chance: &mut Chance) -> Option<Act> {
    let server = [Server::Centrifugo, Server::Redis, Server::Bus][chance.weighted(&[3, 5, 2])];
    let at = |server: Server, chance: &mut Chance| match server {
        Server::Centrifugo => *chance.pick(&TO_CENTRIFUGO),
        Server::Redis => *chance.pick(&TO_REDIS),
        Server::Bus => *chance.pick(&TO_BUS),
    };
    let millis = |chance: &mut Chance, most| Duration::from_millis(chance.between(100, most));
    let (server, harm) = match chance.weighted(&[34, 10, 22, 8, 4, 5, 3, 3, 3, 3, 10]) {
        0 => (server, Harm::Request { fault: fault(chance), each: false }),
        1 => (server, Harm::Request { fault: Fault::Cut, each: true }),
        2 => (server, Harm::KillCollector { arrives: chance.percent(50) }),
        3 => {
            if round.starts.len() == 1 {
                overlap(round, chance);
            }
            (server, Harm::StallCollector)
        }
        4 => (Server::Redis, Harm::Flush),
        5 => (Server::Redis, Harm::ForgetScripts),
        6 => (Server::Redis, Harm::Kill { at_once: chance.percent(50) }),
        7 => (Server::Centrifugo, Harm::Kill { at_once: chance.percent(50) }),
        8 => (Server::Redis, Harm::Freeze(millis(chance, 2000))),
        9 => (Server::Centrifugo, Harm::Freeze(millis(chance, 2500))),
        _ => {
            round.refusal = *chance.pick(&[Refusal::Some, Refusal::All, Refusal::Call]);
            return None;
        }
    };
    Some(Act { server, mark: at(server, chance), harm })
}

fn fault(chance: &mut Chance) -> Fault {
    match chance.weighted(&[4, 3, 5, 1, 4]) {
        0 => Fault::Cut,
        1 => Fault::Reset,
        2 => Fault::LoseAnswer,
        3 => Fault::Hang,
        _ => Fault::Slow(Duration::from_millis(chance.between(20, 400))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_plays_the_same_story() {
        let tell = |seed| {
            let mut story = Story::new(Chance::of(seed));
            (0..300).map(|_| format!("{:?}", story.next(false))).collect::<Vec<_>>()
        };
        assert_eq!(tell(7), tell(7));
        assert_ne!(tell(7), tell(8));
    }

    #[test]
    fn moments_follow_each_other_and_every_harm_has_its_turn() {
        let mut story = Story::new(Chance::of(1));
        let rounds: Vec<Round> = (0..3000).map(|_| story.next(false)).collect();
        let good = |round: &Round| {
            round.starts.iter().filter(|start| !start.is_wrong).map(|start| start.clock).max()
        };
        let moments: Vec<u64> = rounds.iter().filter_map(good).collect();
        assert!(moments.is_sorted());
        let harms: std::collections::BTreeSet<String> = rounds
            .iter()
            .flat_map(|round| &round.acts)
            .map(|act| format!("{:?}", act.harm).split([' ', '(']).next().unwrap().to_owned())
            .collect();
        assert_eq!(harms.len(), 7, "{harms:?}");
    }
}
