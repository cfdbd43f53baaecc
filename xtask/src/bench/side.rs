//! A side: something that takes roll calls, started and measured from outside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use harness::{Answered, Sandbox};
use serde::Deserialize;
use serde_json::json;

use super::check::Done;
use super::dialogue::Dialogue;
use super::meter;

/// The longest that one roll call may take.
const BOUND: Duration = Duration::from_secs(180);

/// How to start a side.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    /// Also the prefix of its keys.
    pub(crate) name: &'static str,
    pub(crate) version: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Whether it is a function of AWS Lambda; else a program that reads moments from its standard input.
    pub(crate) is_function: bool,
}

impl Spec {
    /// The command, as seen from the root of the workspace.
    pub(crate) fn command(&self) -> String {
        let root = harness::root();
        let program = self.program.strip_prefix(&root).unwrap_or(&self.program);
        [&[program.display().to_string()], self.arguments.as_slice()].concat().join(" ")
    }
}

/// Where everything is that a side needs.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) centrifugo_port: u16,
    pub(crate) api_key: &'a str,
    /// What knows the truth.
    pub(crate) stand_in_port: u16,
    pub(crate) redis_port: u16,
    /// What the function watches.
    pub(crate) watched: &'a str,
    /// What the programs watch: a name a line.
    pub(crate) channels_file: &'a Path,
}

/// What was measured of one roll call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) done: Done,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_bytes: u64,
}

/// A side that runs; ended when dropped.
pub(crate) enum Side {
    Function(Box<Sandbox>),
    Program(Box<Dialogue>),
}

#[derive(Deserialize)]
struct Report {
    roll_calls: Vec<RollCall>,
}

#[derive(Deserialize)]
struct RollCall {
    #[serde(flatten)]
    done: Done,
    failed: Vec<serde_json::Value>,
}

impl Side {
    pub(crate) async fn start(spec: &Spec, around: &Surroundings<'_>) -> Result<Self> {
        let api = format!("http://127.0.0.1:{}/api", around.centrifugo_port);
        let redis = format!("redis://127.0.0.1:{}", around.redis_port);
        if spec.is_function {
            let variables = [
                ("WATCH_CHANNELS", around.watched),
                ("CENTRIFUGO_API_URL", &api),
                ("CENTRIFUGO_API_KEY", around.api_key),
                ("REDIS_URL", &redis),
                ("REDIS_PREFIX", spec.name),
                ("LEAVE_GRACE_SECONDS", "0"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
            ];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let mut sandbox = Sandbox::start(&spec.program, &BTreeMap::from(variables)).await?;
            sandbox.ready().await?;
            return Ok(Self::Function(Box::new(sandbox)));
        }
        let mut command = Command::new(&spec.program);
        command
            .args(&spec.arguments)
            .env("CENTRIFUGO_API_URL", api)
            .env("CENTRIFUGO_API_KEY", around.api_key)
            .env("STAND_IN_URL", format!("http://127.0.0.1:{}", around.stand_in_port))
            .env("REDIS_URL", redis)
            .env("PREFIX", spec.name)
            .env("CHANNELS_FILE", around.channels_file);
        Ok(Self::Program(Box::new(Dialogue::start(spec.name, command)?)))
    }

    /// Takes one roll call, and measures it.
    pub(crate) async fn take(&mut self, taken_at: u64) -> Result<Measured> {
        let id = self.id()?;
        meter::forget_peak(id);
        let cpu_before = meter::cpu(id)?;
        let taken = tokio::time::timeout(BOUND, self.roll_call(taken_at)).await;
        let (done, wall) = taken.context("it takes too long")??;
        let cpu = meter::cpu(id)?.saturating_sub(cpu_before);
        Ok(Measured { done, wall, cpu, peak_bytes: meter::peak(id)? })
    }

    async fn roll_call(&mut self, taken_at: u64) -> Result<(Done, Duration)> {
        match self {
            Self::Function(sandbox) => {
                sandbox.send(json!({}));
                let (answered, wall) = sandbox.timed_answer().await?;
                let report = match answered {
                    Answered::Response(report) => report,
                    Answered::Error { error_type, message } => bail!("{error_type}: {message}"),
                };
                let Report { mut roll_calls } = serde_json::from_value(report)?;
                let RollCall { done, failed } = roll_calls.pop().context("an empty report")?;
                ensure!(failed.is_empty(), "failed: {}", failed[0]);
                Ok((done, wall))
            }
            Self::Program(program) => {
                let start = Instant::now();
                let line = program.answer(&taken_at.to_string()).await?;
                let wall = start.elapsed();
                let done: Done = serde_json::from_str(&line)
                    .with_context(|| format!("{line:?} is no report"))?;
                Ok((Done { taken_at, ..done }, wall))
            }
        }
    }

    fn id(&mut self) -> Result<u32> {
        match self {
            Self::Function(sandbox) => Ok(sandbox.process().id()),
            Self::Program(program) => program.id(),
        }
    }
}
