//! The function that answers pages: how soon it is ready, and what a warm request takes.

mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use harness::{Answered, Redis, Sandbox, root};
use serde_json::Value;

use super::meter;
use super::program::program;
use super::results::{Results, SnapshotResult};
use super::stand_in::{API_KEY, StandIn};
use super::statistics::Summary;
use crate::output::Progress;
use server::Server;

/// What can be asked for alone.
pub(crate) const GROUPS: [&str; 3] = ["snapshot/ready", "snapshot/round", "snapshot/hot"];

/// Channels to go round: twice as many as the function remembers answers of, so that none stands in for Redis.
const CHANNELS: usize = 2000;

/// Requests that do not count.
const WARM_UP: usize = 200;

/// How often everything is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds {
    starts: usize,
    slices: usize,
    /// Of each slice.
    requests: usize,
}

pub(crate) const QUICK: Rounds = Rounds { starts: 10, slices: 4, requests: 1000 };
pub(crate) const FULL: Rounds = Rounds { starts: 30, slices: 20, requests: 2000 };

/// What all groups need.
struct Stage<'a> {
    variables: BTreeMap<String, String>,
    redis: Redis,
    /// What is kept, and to be answered.
    view: String,
    rounds: Rounds,
    progress: &'a Progress,
}

/// Measures the groups that are wanted.
pub(crate) async fn measure(
    groups: &[&str],
    rounds: Rounds,
    results: &mut Results,
    progress: &Progress,
) -> Result<()> {
    let stand_in = StandIn::start(1, 1000).await?;
    let redis = Redis::start().await?;
    let view = stand_in.sample_view().await?;
    keep(&redis, &view).await?;
    let stage = Stage { variables: variables(&redis, &stand_in), redis, view, rounds, progress };
    for group in groups {
        match *group {
            "snapshot/ready" => results.ready_ms = stage.ready().await?,
            "snapshot/hot" => stage.warm(group, 1, results).await?,
            _ => stage.warm(group, CHANNELS, results).await?,
        }
    }
    Ok(())
}

/// Keeps the view for each channel, as a collector would.
async fn keep(redis: &Redis, view: &str) -> Result<()> {
    let client = redis::Client::open(redis.url())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let mut pipe = redis::pipe();
    for channel in 0..CHANNELS {
        let key = format!("rollcall:{{{}}}:view", name(channel));
        let taken_at = "1790000000000";
        let fields = [("taken_at", taken_at), ("counts", view), ("members", view)];
        pipe.hset_multiple(key, &fields).ignore();
    }
    pipe.exec_async(&mut connection).await.context("cannot keep the views")
}

fn name(channel: usize) -> String {
    format!("room:{channel:04}")
}

fn variables(redis: &Redis, stand_in: &StandIn) -> BTreeMap<String, String> {
    let api = format!("http://127.0.0.1:{}/api", stand_in.port);
    let variables = [
        ("WATCH_CHANNELS", "room:*".to_owned()),
        ("REDIS_URL", redis.url()),
        ("CENTRIFUGO_API_URL", api),
        ("CENTRIFUGO_API_KEY", API_KEY.to_owned()),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

impl Stage<'_> {
    async fn ready(&self) -> Result<Vec<(String, Summary)>> {
        let names = ["hello", "bare", "snapshot", "collector"];
        let mut times = [const { Vec::new() }; 4];
        // The first start of each reads it from the disk.
        for start in 0..=self.rounds.starts {
            self.progress.part("snapshot/ready", start, self.rounds.starts);
            for (name, times) in names.iter().zip(&mut times) {
                let mut sandbox = Sandbox::start(&program(name), &self.variables).await?;
                let took = sandbox.ready().await?;
                if start > 0 {
                    times.push(took.as_secs_f64() * 1000.0);
                }
            }
        }
        let summary = |(name, times): (&str, Vec<f64>)| {
            Ok((name.to_owned(), Summary::of(times).context("no start")?))
        };
        names.into_iter().zip(times).map(summary).collect()
    }

    async fn warm(&self, case: &str, channels: usize, results: &mut Results) -> Result<()> {
        let mut entrants = Vec::new();
        for name in ["hello", "bare", "snapshot"] {
            let sandbox = Box::new(Sandbox::start(&program(name), &self.variables).await?);
            let events = events(channels)?;
            entrants.push(Entrant::new(name, Answerer::Function { sandbox, events }));
        }
        let names: Vec<String> = (0..channels).map(name).collect();
        for (name, server) in [
            ("nginx", server::nginx(&names, &self.view).await),
            ("webdis", server::webdis(&names, self.redis.port()).await),
        ] {
            match server {
                Ok(server) => entrants.push(Entrant::new(name, Answerer::Server(server))),
                Err(error) => results.leave_out(format!("{name}: {error:#}")),
            }
        }
        for slice in 0..=self.rounds.slices {
            self.progress.part(case, slice, self.rounds.slices);
            for entrant in &mut entrants {
                let requests = if slice == 0 { WARM_UP } else { self.rounds.requests };
                entrant.slice(requests, slice > 0, &self.view).await;
                if entrant.name == "snapshot" && channels > 1 {
                    entrant.has_to_ask(&self.redis, &self.view).await;
                }
            }
        }
        results.snapshot.extend(entrants.into_iter().map(|entrant| entrant.result(case)));
        Ok(())
    }
}

/// Something that answers requests.
enum Answerer {
    Function { sandbox: Box<Sandbox>, events: Vec<Value> },
    Server(Server),
}

struct Entrant {
    name: &'static str,
    answerer: Answerer,
    latencies: Vec<f64>,
    cpus: Vec<f64>,
    void: Option<String>,
    next: usize,
}

/// Requests for the channels in turn, as Lambda hands them out.
fn events(channels: usize) -> Result<Vec<Value>> {
    let path = root().join("tests/events/snapshot.json");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let event = |channel| Ok(serde_json::from_str(&text.replace("site:main", &name(channel)))?);
    (0..channels).map(event).collect()
}

impl Entrant {
    fn new(name: &'static str, answerer: Answerer) -> Self {
        let (latencies, cpus) = (Vec::new(), Vec::new());
        Self { name, answerer, latencies, cpus, void: None, next: 0 }
    }

    /// Some requests one after the other; what is wrong with one of them voids all.
    async fn slice(&mut self, requests: usize, counts: bool, view: &str) {
        if self.void.is_some() {
            return;
        }
        if let Err(error) = self.try_slice(requests, counts, view).await {
            self.void = Some(format!("{error:#}"));
        }
    }

    async fn try_slice(&mut self, requests: usize, counts: bool, view: &str) -> Result<()> {
        let id = match &mut self.answerer {
            Answerer::Function { sandbox, .. } => sandbox.process().id(),
            Answerer::Server(server) => server.id(),
        };
        let cpu_before = meter::cpu(id)?;
        let mut latencies = Vec::with_capacity(requests);
        for _ in 0..requests {
            latencies.push(self.request(view).await?.as_secs_f64() * 1e6);
        }
        let cpu = meter::cpu(id)?.saturating_sub(cpu_before);
        if counts {
            self.latencies.extend(latencies);
            self.cpus.push(cpu.as_secs_f64() * 1e6 / requests as f64);
        }
        Ok(())
    }

    async fn request(&mut self, view: &str) -> Result<Duration> {
        let number = self.next;
        self.next += 1;
        match &mut self.answerer {
            Answerer::Function { sandbox, events } => {
                sandbox.send(events[number % events.len()].clone());
                let (answered, took) = sandbox.timed_answer().await?;
                let Answered::Response(response) = answered else {
                    anyhow::bail!("it fails: {answered:?}");
                };
                let expected = if self.name == "hello" { "Hello, world!" } else { view };
                let is_right = response["statusCode"] == 200 && response["body"] == expected;
                ensure!(is_right, "another answer: {response}");
                Ok(took)
            }
            Answerer::Server(server) => server.request(number, view),
        }
    }

    /// Whether requests for different channels reach Redis: sends a hundred more, and counts.
    async fn has_to_ask(&mut self, redis: &Redis, view: &str) {
        if self.void.is_some() {
            return;
        }
        let asked = async {
            let before = commands(redis).await?;
            for _ in 0..100 {
                self.request(view).await?;
            }
            ensure!(commands(redis).await? >= before + 100, "its memory stands in for Redis");
            Ok(())
        };
        if let Err(error) = asked.await {
            self.void = Some(format!("{error:#}"));
        }
    }

    fn result(self, case: &str) -> SnapshotResult {
        let mut latencies = self.latencies;
        latencies.sort_by(f64::total_cmp);
        // Not the one that was worst: with so many requests that is the machine's mood.
        latencies.truncate(latencies.len() - latencies.len() / 100);
        let counts = self.void.is_none();
        SnapshotResult {
            case: case.to_owned(),
            name: self.name.to_owned(),
            latency_us: Summary::of(latencies).filter(|_| counts),
            cpu_us: Summary::of(self.cpus).filter(|_| counts),
            void: self.void,
        }
    }
}

/// How many commands Redis has taken.
async fn commands(redis: &Redis) -> Result<u64> {
    let info: String = redis.command(&["INFO", "stats"]).await?;
    let line = info.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
    line.and_then(|number| number.trim().parse().ok()).context("Redis counts no commands")
}

/// A program that somebody else has installed.
fn installed(name: &str) -> Result<PathBuf> {
    harness::tools::on_path(name).with_context(|| format!("`{name}` is not on PATH"))
}
