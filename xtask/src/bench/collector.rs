//! The collector beside the others: all sides of a case in one run, in turn, round by round, and each round checked.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context as _, Result};
use harness::{Redis, scratch};
use redis::aio::MultiplexedConnection;

use super::build::own;
use super::case::Case;
use super::check::{self, Kept, Published, Truth};
use super::far;
use super::now;
use super::price::dollars;
use super::real::Real;
use super::results::{CaseResult, Figures, SideResult};
use super::side::{Measured, Side, Spec, Surroundings};
use super::stand_in::{API_KEY, StandIn};
use super::statistics::Summary;
use crate::output::Progress;

/// Rounds that do not count: programs warm up, ledgers fill.
const WARM_UP: usize = 3;

/// A side and what became of it.
struct Entrant<'a> {
    spec: &'a Spec,
    /// Or why its figures are void.
    side: Result<Side, String>,
    samples: Vec<Sample>,
}

struct Sample {
    measured: Measured,
    view_bytes: usize,
}

/// Who is measured, and what it is held against.
struct Stage {
    stand_in: StandIn,
    /// In whose place the stand-in then only says who comes and goes.
    real: Option<Real>,
    redis: MultiplexedConnection,
    /// By phase.
    truth: [Vec<Truth>; 2],
}

/// Measures a case.
pub(crate) async fn measure(
    case: &Case,
    peers: &[Spec],
    progress: &Progress,
) -> Result<CaseResult> {
    progress.part(&case.name, 0, 1);
    let redis = Redis::start().await?;
    let mut stage = Stage::set(case, &redis).await?;
    let [first, _] = &stage.truth;
    let names: Vec<&str> = first.iter().map(|truth| truth.channel.as_str()).collect();
    let channels_file = scratch("bench")?.join("channels");
    fs::write(&channels_file, names.join("\n") + "\n")?;
    let answer_bytes = match &stage.real {
        Some(real) => real.answer_bytes().await?,
        None => first.iter().map(|truth| truth.bytes).sum(),
    };
    let stand_in_port = stage.stand_in.port;
    let (centrifugo_port, api_key) =
        stage.real.as_ref().map_or((stand_in_port, API_KEY), |real| (real.port(), real.api_key()));
    let (mut centrifugo_port, mut redis_port) = (centrifugo_port, redis.port());
    if case.is_far {
        centrifugo_port = far::proxy(centrifugo_port, far::CENTRIFUGO)?;
        redis_port = far::proxy(redis_port, far::REDIS)?;
    }
    // A list of thousands of names has no room in a function's variables, so there it finds them by itself.
    let watched = if case.channels == 1 { names[0] } else { "room:*" };
    let around = Surroundings {
        centrifugo_port,
        api_key,
        stand_in_port,
        redis_port,
        watched,
        channels_file: &channels_file,
    };

    let specs: Vec<Spec> = own().into_iter().chain(peers.iter().cloned()).collect();
    let mut entrants = Vec::new();
    for spec in &specs {
        let side = Side::start(spec, &around).await.map_err(|error| format!("{error:#}"));
        entrants.push(Entrant { spec, side, samples: Vec::new() });
    }
    let rounds = WARM_UP + case.rounds;
    for round in 0..rounds {
        stage.switch(round % 2).await?;
        for (turn, entrant) in entrants.iter_mut().enumerate() {
            progress.part(&case.name, round * specs.len() + turn + 1, rounds * specs.len());
            entrant.take_part(&mut stage, round).await;
        }
    }
    Ok(CaseResult {
        name: case.name.clone(),
        channels: case.channels,
        clients: case.clients,
        rounds: case.rounds,
        answer_bytes,
        sides: entrants.into_iter().map(Entrant::result).collect(),
    })
}

impl Stage {
    async fn set(case: &Case, redis: &Redis) -> Result<Self> {
        let stand_in = StandIn::start(case.channels, case.clients).await?;
        stand_in.switch(1).await?;
        let second = stand_in.truth().await?;
        stand_in.switch(0).await?;
        let first = stand_in.truth().await?;
        let mut real = None;
        if case.is_real {
            let real = real.insert(Real::start(&first[0].channel, case.clients).await?);
            real.follow(&stand_in).await?;
        }
        let client = redis::Client::open(redis.url())?;
        let redis = client.get_multiplexed_async_connection().await?;
        Ok(Self { stand_in, real, redis, truth: [first, second] })
    }

    /// Has those come and go who do in this phase.
    async fn switch(&mut self, phase: usize) -> Result<()> {
        self.stand_in.switch(phase).await?;
        match &mut self.real {
            Some(real) => real.follow(&self.stand_in).await,
            None => Ok(()),
        }
    }

    /// Forgets what was published so far.
    async fn forget(&mut self) -> Result<()> {
        match &mut self.real {
            Some(real) => real.forget().await,
            None => self.stand_in.published().await.map(drop),
        }
    }

    /// What was published since, by channel.
    async fn published(&mut self) -> Result<HashMap<String, Published>> {
        let Some(real) = &mut self.real else { return self.stand_in.published().await };
        let channel = format!("presence:{}", self.truth[0][0].channel);
        Ok(real.published().await?.map(|published| (channel, published)).into_iter().collect())
    }

    /// What a side keeps of all channels.
    async fn kept(&mut self, prefix: &str) -> Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for truth in self.truth[0].chunks(500) {
            let mut pipe = redis::pipe();
            for Truth { channel, .. } in truth {
                let key = format!("{prefix}:{{{channel}}}:view");
                pipe.cmd("HMGET").arg(key).arg(&["taken_at", "counts", "members"]);
            }
            kept.extend(pipe.query_async::<Vec<Kept>>(&mut self.redis).await?);
        }
        Ok(kept)
    }
}

impl Entrant<'_> {
    /// Takes a roll call and has it checked, unless there was something wrong before.
    async fn take_part(&mut self, stage: &mut Stage, round: usize) {
        let Ok(side) = &mut self.side else { return };
        match roll_call(self.spec, side, stage, round).await {
            Ok(_) if round < WARM_UP => {}
            Ok(sample) => self.samples.push(sample),
            Err(error) => self.side = Err(format!("round {}: {error:#}", round + 1)),
        }
    }

    fn result(self) -> SideResult {
        let figures = match &self.side {
            Ok(_) => figures(&self.samples),
            Err(_) => None,
        };
        SideResult {
            name: self.spec.name.to_owned(),
            version: self.spec.version.clone(),
            command: self.spec.command(),
            void: self.side.err(),
            figures,
        }
    }
}

async fn roll_call(
    spec: &Spec,
    side: &mut Side,
    stage: &mut Stage,
    round: usize,
) -> Result<Sample> {
    // What somebody else left behind is not this side's.
    stage.forget().await?;
    let measured = side.take(now()).await?;
    let published = stage.published().await?;
    let kept = stage.kept(spec.name).await?;
    let truth = &stage.truth[round % 2];
    let verdict = match spec.name {
        "floor" => check::motion(truth, &published),
        _ => check::work(truth, measured.done, &published, &kept, round == 0),
    };
    verdict.map_err(anyhow::Error::msg)?;
    let first = format!("presence:{}", truth[0].channel);
    let view = published.get(&first).context("no view of the first channel")?;
    Ok(Sample { measured, view_bytes: view.data.get().len() })
}

fn figures(samples: &[Sample]) -> Option<Figures> {
    let summary = |number: fn(&Sample) -> f64| Summary::of(samples.iter().map(number));
    let wall_ms = summary(|sample| sample.measured.wall.as_secs_f64() * 1000.0)?;
    let cpu_ms = summary(|sample| sample.measured.cpu.as_secs_f64() * 1000.0)?;
    let peak_bytes = summary(|sample| sample.measured.peak_bytes as f64)?;
    let view_bytes = summary(|sample| sample.view_bytes as f64)?.median;
    let dollars = dollars(wall_ms.median, cpu_ms.median, peak_bytes.median);
    Some(Figures { wall_ms, cpu_ms, peak_bytes, view_bytes, dollars })
}
