//! The collectors of a round: processes, so that they can be killed and stopped at any step.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use harness::Process;
use serde_json::Value;

use crate::story::{Part, Start};

/// Logs of so many rounds are kept.
const ROUNDS_KEPT: u64 = 60;

/// Where collectors come from.
pub(crate) struct Collectors {
    program: PathBuf,
    folder: PathBuf,
    variables: BTreeMap<String, String>,
}

/// A collector at work.
pub(crate) struct Running {
    pub(crate) start: Start,
    pub(crate) process: Process,
    pub(crate) was_killed: bool,
}

/// How a collector ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) start: Start,
    pub(crate) fate: Fate,
    /// Its report stands there, too.
    pub(crate) log: String,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Fate {
    Killed,
    /// The report of its roll call.
    Reported(Value),
    /// The stable name of its error.
    Failed(String),
    /// Neither a report nor an error.
    Died,
}

impl Collectors {
    pub(crate) fn new(folder: &Path, variables: BTreeMap<String, String>) -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("soak-collector");
        anyhow::ensure!(program.exists(), "{} is not built", program.display());
        Ok(Self { program, folder: folder.to_owned(), variables })
    }

    pub(crate) fn start(&self, round: u64, number: usize, start: Start) -> Result<Running> {
        let name = format!("collector-{round}-{number}");
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .envs(&self.variables)
            .args(["--clock", &start.clock.to_string()])
            .args(["--within", &start.within.to_string()]);
        match &start.part {
            Part::All => {}
            Part::Plan(channels) => {
                command.args(["--shard-channels", &channels.to_string()]);
            }
            Part::Shard(shard) => {
                let file = self.folder.join(format!("{name}.json"));
                fs::write(&file, shard.to_string()).context("a shard can't be written")?;
                command.arg("--shard").arg(file);
            }
        }
        let process = Process::start(&name, &self.folder, command)?;
        if let Some(old) = round.checked_sub(ROUNDS_KEPT) {
            for end in ["log", "json"] {
                let _ =
                    fs::remove_file(self.folder.join(format!("collector-{old}-{number}.{end}")));
            }
        }
        Ok(Running { start, process, was_killed: false })
    }
}

impl Running {
    pub(crate) fn has_ended(&mut self) -> bool {
        self.process.ended().is_some()
    }

    pub(crate) fn kill(&mut self) {
        self.was_killed |= !self.has_ended();
        self.process.kill();
    }

    /// What became of it; it must have ended.
    pub(crate) fn finish(mut self) -> Result<Ended> {
        let log = fs::read(self.process.log()).context("a collector's log is gone")?;
        let log = String::from_utf8_lossy(&log).into_owned();
        let said: Vec<Value> =
            log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let report = said.iter().find_map(|said| said["report"]["roll_calls"].get(0));
        let error_type = said.iter().find_map(|said| said["error_type"].as_str());
        let is_success = self.process.ended().is_some_and(|status| status.success());
        let fate = match (report, error_type) {
            _ if self.was_killed => Fate::Killed,
            (Some(report), None) if is_success => Fate::Reported(report.clone()),
            (None, Some(error_type)) if !is_success => Fate::Failed(error_type.to_owned()),
            _ => Fate::Died,
        };
        Ok(Ended { start: self.start, fate, log })
    }
}
