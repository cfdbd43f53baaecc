//! How many instructions the hot paths take, counted by callgrind: a slower one shows, whatever the machine does meanwhile.
//!
//! `cargo xtask test --only instructions` prints the counts. Those below are what it printed on x86_64, where valgrind plays
//! the same processor on every machine with AVX2; a path that takes over [`MARGIN`] percent more fails. From run to run
//! they differ by 0.03 % at the most, since the hash of users is keyed anew in each. A change that is meant to cost more
//! brings its counts with it; one that costs less does too, lest the next one be given what it has saved.

#![expect(missing_docs, reason = "gungraun's macros write modules without")]
#![expect(clippy::unwrap_used, reason = "the crowd can be read; if it can't, nothing is counted")]

use std::hint::black_box;

use bench::crowd::{self, Room, Size};
use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind};
use presence::{
    Before, Census, CensusTaker, Guests, Heading, InfoFields, Millis, Period, Rules, Views,
    compare, views,
};
use serde::de::DeserializeSeed as _;
use serde_json::Deserializer;

/// One channel of 10,000 clients: its census.
const CENSUS: u64 = 38_000_000;
/// The same channel: compared with its ledger, and both views.
const COMPARISON: u64 = 20_030_000;
/// A hundred channels of 10 clients: all of that, for each of them.
const ROLL_CALL: u64 = 6_330_000;

/// How much more a path may take, in percent.
const MARGIN: u64 = 3;

const BIG: Size = Size { channels: 1, clients: 10_000 };
const SMALL: Size = Size { channels: 100, clients: 10 };

const FIRST: Millis = 1_790_000_000_000;
const SECOND: Millis = FIRST + 60_000;

/// A channel before its second roll call, at which one user in a hundred is another one.
struct Channel {
    name: String,
    clients: &'static str,
    changed: usize,
    head: Vec<u8>,
    users: Vec<u8>,
}

/// What is set for all channels.
struct Settings {
    guests: Guests,
    fields: InfoFields,
}

impl Settings {
    fn new() -> Self {
        Self { guests: Guests::default(), fields: InfoFields::parse("name,avatar,url") }
    }

    fn census(&self, clients: &'static str) -> Census<'static> {
        let taker = CensusTaker { guests: &self.guests, fields: &self.fields };
        taker.deserialize(&mut Deserializer::from_str(clients)).unwrap()
    }

    fn rules(&self) -> Rules<'_> {
        let Self { guests, fields } = self;
        Rules { guests, fields, grace: 0, recent: 900_000, listed_max: 50 }
    }

    /// Takes the first roll call.
    fn channel(&self, (first, second): (Room, Room)) -> Channel {
        let census = self.census(clients(first));
        let kept = compare(census, Before::Nothing, FIRST, self.rules());
        Channel {
            name: second.channel.clone(),
            changed: second.truth.changed,
            clients: clients(second),
            head: kept.head.to_bytes(),
            users: kept.users,
        }
    }

    /// What follows the census of the second one: how many came, and the views.
    fn outcome(&self, channel: &Channel, census: Census<'static>) -> (usize, Views) {
        let counts = census.counts();
        let before = Before::Ledger { head: &channel.head, users: &channel.users };
        let comparison = compare(census, before, SECOND, self.rules());
        let heading = Heading {
            channel: &channel.name,
            taken_at: SECOND,
            period: Period::default(),
            counts,
            peaks: comparison.head.peaks(),
            live: None,
        };
        (comparison.changes.joined.len(), views(heading, &comparison.listing))
    }
}

/// The object of clients in an answer of Centrifugo's, kept for good, so that a census can be handed around.
fn clients(room: Room) -> &'static str {
    let reply = room.reply.leak();
    reply.strip_prefix(r#"{"presence":{"presence":"#).unwrap().strip_suffix("}}").unwrap()
}

fn channels(size: Size) -> (Settings, Vec<Channel>) {
    let settings = Settings::new();
    let phases = crowd::rooms(size, 0).into_iter().zip(crowd::rooms(size, 1));
    let channels = phases.map(|phases| settings.channel(phases)).collect();
    (settings, channels)
}

fn big() -> (Settings, Channel) {
    let (settings, mut channels) = channels(BIG);
    (settings, channels.remove(0))
}

fn big_with_census() -> (Settings, Channel, Census<'static>) {
    let (settings, channel) = big();
    let census = settings.census(channel.clients);
    (settings, channel, census)
}

#[library_benchmark(config = about(CENSUS))]
#[bench::of_10000_clients(setup = big)]
fn census((settings, channel): (Settings, Channel)) -> Census<'static> {
    black_box(settings.census(channel.clients))
}

#[library_benchmark(config = about(COMPARISON))]
#[bench::of_10000_clients(setup = big_with_census)]
fn comparison((settings, channel, census): (Settings, Channel, Census<'static>)) -> Views {
    let (joined, views) = settings.outcome(&channel, census);
    assert_eq!(joined, channel.changed);
    views
}

#[library_benchmark(config = about(ROLL_CALL))]
#[bench::of_100_channels(args = (SMALL), setup = channels)]
fn roll_call((settings, channels): (Settings, Vec<Channel>)) {
    for channel in &channels {
        let (joined, views) = settings.outcome(channel, settings.census(channel.clients));
        assert_eq!(joined, channel.changed);
        black_box(views);
    }
}

/// What was counted, and the margin. Without caches: what they are said to do depends on where things lie in memory.
fn about(instructions: u64) -> LibraryBenchmarkConfig {
    let limit = instructions + instructions * MARGIN / 100;
    let mut callgrind = Callgrind::with_args(["--cache-sim=no"]);
    callgrind.hard_limits([(EventKind::Ir, limit)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

library_benchmark_group!(name = hot_paths, benchmarks = [census, comparison, roll_call]);
main!(library_benchmark_groups = hot_paths);
