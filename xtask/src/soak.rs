//! `cargo xtask soak`: builds the soak and what it plays with, and runs it.

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use harness::tools::{self, Report as _};

use crate::output::Progress;
use crate::signals::Signals;

const BUILD: Duration = Duration::from_secs(30 * 60);

/// Options of `cargo xtask soak`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// Plays the story of that number again; else a new one is drawn and told
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) async fn run(Arguments { minutes, seed }: Arguments) -> Result<ExitCode> {
    let mut signals = Signals::catch()?;
    let soaking = async {
        let progress = Progress::plain();
        let command = command(minutes, seed, &progress).await?;
        drop(progress);
        let mut command = tokio::process::Command::from(command);
        let status = command.kill_on_drop(true).status().await.context("cannot start the soak")?;
        Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    };
    tokio::select! {
        code = soaking => code,
        () = signals.any() => bail!("interrupted"),
    }
}

/// The soak, built, with all that it needs.
pub(crate) async fn command(
    minutes: u64,
    seed: Option<u64>,
    progress: &Progress,
) -> Result<Command> {
    tools::centrifugo(progress).await?;
    tools::redis_server(progress).await?;
    tools::moto_server(progress).await?;
    progress.step("building the soak");
    let mut build = harness::command("cargo");
    build.args(["build", "--package", "soak", "--package", "snapshot"]);
    harness::run("cargo-build", build, BUILD).await.context("cannot build the soak")?;
    let mut command = Command::new(harness::target().join("debug/soak"));
    command.args(["--minutes", &minutes.to_string()]);
    if let Some(seed) = seed {
        command.args(["--seed", &seed.to_string()]);
    }
    Ok(command)
}
