//! Beyond one invocation: the plan of very many channels, and its shards taken by two collectors side by side. Centrifugo,
//! its sockets and Redis are real, and so is every subscription.

mod bus;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use harness::tools::Report as _;
use harness::{Centrifugo, Redis, Sandbox, Visitor, aws_at};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::meter;
use super::now;
use super::program::program;
use super::real::allow_files;
use super::results::{Plan, Results, Shards};
use super::statistics::Summary;
use crate::output::Progress;
use bus::Bus;

pub(crate) const GROUP: &str = "scale";

/// Channels of a client: Centrifugo lets one into 128.
const CHANNELS_OF_CLIENT: usize = 125;
/// How many connect at once.
const AT_ONCE: usize = 16;
/// Files that are open besides the connections.
const OTHER_FILES: u64 = 500;
/// Channels of a shard, as by default.
const SHARD: usize = 5000;
/// Collectors that take shards.
const TAKERS: usize = 2;
/// Plans after the first.
const PLANS: usize = 5;
/// The longest that an invocation may take.
const BOUND: Duration = Duration::from_secs(120);

/// Channels to be planned.
pub(crate) const FULL: usize = 1_000_000;
pub(crate) const QUICK: usize = 20_000;

/// A collector's process.
struct Collector {
    sandbox: Sandbox,
}

/// What an invocation came to, and what it used.
struct Used {
    report: Value,
    wall: Duration,
    cpu: Duration,
    peak_bytes: u64,
}

/// Lets this process have the connections that it needs.
pub(crate) fn allow_connections(channels: usize) -> Result<()> {
    allow_files((channels / CHANNELS_OF_CLIENT) as u64 + OTHER_FILES)
}

/// Measures a crowd in so many channels, one client in each.
pub(crate) async fn measure(
    channels: usize,
    results: &mut Results,
    progress: &Progress,
) -> Result<()> {
    let (centrifugo, redis, bus) =
        (Centrifugo::start().await?, Redis::start().await?, Bus::start().await?);
    progress.step(&format!("{channels} subscriptions at Centrifugo"));
    let _visitors = connect(&centrifugo, channels).await?;
    let variables = variables(&centrifugo, &redis, &bus);

    let mut planner = Collector::start(&variables).await?;
    let mut plans = Vec::new();
    let mut shards = Vec::new();
    for round in 0..=PLANS {
        progress.part("scale/plan", round + 1, PLANS + 1);
        plans.push(planner.invoke(json!({})).await?);
        shards = bus.take();
        let Used { report, .. } = plans.last().context("a plan")?;
        ensure!(
            report["watched"] == channels && report["handed_out"] == channels,
            "the plan is not whole: {report}"
        );
    }
    let first = plans.remove(0);
    results.plan = Some(Plan {
        channels,
        shards: shards.len(),
        first_ms: millis(first.wall),
        wall_ms: summary(plans.iter().map(|plan| millis(plan.wall)))?,
        cpu_ms: summary(plans.iter().map(|plan| millis(plan.cpu)))?,
        peak_bytes: plans
            .iter()
            .map(|plan| plan.peak_bytes)
            .chain([first.peak_bytes])
            .max()
            .unwrap_or(0),
        first_peak_bytes: first.peak_bytes,
    });
    drop(planner);

    let mut takers = Vec::new();
    for _ in 0..TAKERS {
        takers.push(Collector::start(&variables).await?);
    }
    // The first round makes ledgers; the second one is what every later minute is.
    for round in 0..2 {
        progress.part("scale/shards", round + 1, 2);
        let (wall, taken) = take(&mut takers, &shards).await?;
        let committed: u64 =
            taken.iter().filter_map(|used| used.report["committed"].as_u64()).sum();
        ensure!(committed == channels as u64, "{committed} of {channels} channels are committed");
        results.shards = Some(Shards {
            channels,
            shards: shards.len(),
            collectors: TAKERS,
            wall_ms: millis(wall),
            cpu_ms: taken.iter().map(|used| millis(used.cpu)).sum(),
            of_one_ms: summary(taken.iter().map(|used| millis(used.wall)))?,
            peak_bytes: taken.iter().map(|used| used.peak_bytes).max().unwrap_or(0),
            redis_bytes: memory(&redis).await?,
        });
    }
    Ok(())
}

/// All shards, each taken as soon as a collector is free.
async fn take(takers: &mut [Collector], shards: &[String]) -> Result<(Duration, Vec<Used>)> {
    let start = Instant::now();
    let waiting = std::sync::Mutex::new(shards.iter());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let work = takers.iter_mut().map(async |taker| {
        let mut taken = Vec::new();
        while let Some(shard) = next() {
            let mut detail: Value = serde_json::from_str(shard)?;
            // Two machines' cores take minutes for what hundreds of functions do at once: else the later half would be late.
            detail["taken_at"] = now().into();
            let used = taker.invoke(
                json!({"source": "rollcall.shards", "detail-type": "Shard Due", "detail": detail}),
            );
            let used = used.await?;
            ensure!(
                used.report["failed"] == json!([]),
                "a shard failed: {}",
                used.report["failed"][0]
            );
            taken.push(used);
        }
        Ok(taken)
    });
    let taken = futures_util::future::try_join_all(work).await?;
    Ok((start.elapsed(), taken.into_iter().flatten().collect()))
}

impl Collector {
    async fn start(variables: &BTreeMap<String, String>) -> Result<Self> {
        let mut sandbox = Sandbox::start(&program("collector"), variables).await?;
        sandbox.ready().await?;
        Ok(Self { sandbox })
    }

    async fn invoke(&mut self, event: Value) -> Result<Used> {
        let id = self.sandbox.process().id();
        meter::forget_peak(id);
        let before = meter::cpu(id)?;
        let start = Instant::now();
        let report = tokio::time::timeout(BOUND, self.sandbox.invoke(event)).await;
        let mut report = report.context("it takes too long")??;
        let wall = start.elapsed();
        let cpu = meter::cpu(id)?.saturating_sub(before);
        Ok(Used { report: report["roll_calls"][0].take(), wall, cpu, peak_bytes: meter::peak(id)? })
    }
}

fn variables(centrifugo: &Centrifugo, redis: &Redis, bus: &Bus) -> BTreeMap<String, String> {
    let variables = [
        ("WATCH_CHANNELS", "room:*".to_owned()),
        ("CENTRIFUGO_API_URL", centrifugo.api_url()),
        ("CENTRIFUGO_API_KEY", centrifugo.api_key().to_owned()),
        ("REDIS_URL", redis.url()),
        ("SHARD_BUS_NAME", "shards".to_owned()),
        ("SHARD_CHANNELS", SHARD.to_string()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024".to_owned()),
    ];
    let aws = aws_at(&format!("http://127.0.0.1:{}", bus.port));
    variables.into_iter().chain(aws).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Guests, each in 125 channels of its own.
async fn connect(centrifugo: &Centrifugo, channels: usize) -> Result<Vec<Visitor>> {
    let mut visitors = Vec::new();
    let mut connecting = JoinSet::new();
    for from in (0..channels).step_by(CHANNELS_OF_CLIENT) {
        if connecting.len() >= AT_ONCE {
            visitors.push(connecting.join_next().await.context("nobody connects")???);
        }
        let url = centrifugo.client_url();
        let until = channels.min(from + CHANNELS_OF_CLIENT);
        connecting.spawn(async move {
            let rooms: Vec<String> = (from..until).map(|room| format!("room:{room:07}")).collect();
            let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
            Visitor::connect_to(&url, None, &rooms).await
        });
    }
    while let Some(visitor) = connecting.join_next().await {
        visitors.push(visitor??);
    }
    Ok(visitors)
}

async fn memory(redis: &Redis) -> Result<u64> {
    let info: String = redis.command(&["INFO", "memory"]).await?;
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
    used.and_then(|used| used.trim().parse().ok()).context("Redis tells no memory")
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn summary(numbers: impl Iterator<Item = f64>) -> Result<Summary> {
    Summary::of(numbers).context("nothing was measured")
}
