//! The steps of cargo, and what other steps have it build.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Outcome;
use super::counts::Counts;
use super::stream;

const BUILD: Duration = Duration::from_secs(30 * 60);

/// Builds programs for this machine, and gives the folder that they are in.
pub(crate) async fn build(programs: &[&str]) -> Result<PathBuf> {
    let mut command = harness::command("cargo");
    command.arg("build").args(programs.iter().flat_map(|program| ["--bin", program]));
    let failed = || format!("cannot build {}", programs.join(", "));
    harness::run("cargo-build", command, BUILD).await.with_context(failed)?;
    Ok(harness::target().join("debug"))
}

pub(crate) async fn format() -> Result<Outcome> {
    let mut command = harness::command("cargo");
    command.args(["fmt", "--all", "--check"]);
    stream::check("format", command).await
}

pub(crate) async fn clippy() -> Result<Outcome> {
    let mut command = harness::command("cargo");
    command.args(["clippy", "--workspace", "--all-targets", "--keep-going"]);
    command.args(["--", "-D", "warnings"]);
    stream::check("clippy", command).await
}

pub(crate) async fn doc() -> Result<Outcome> {
    let mut command = harness::command("cargo");
    command.args(["doc", "--no-deps", "--workspace"]).env("RUSTDOCFLAGS", "-D warnings");
    stream::check("doc", command).await
}

pub(crate) async fn test() -> Result<Outcome> {
    let mut command = harness::command("cargo");
    command.args(["test", "--workspace", "--no-fail-fast"]);
    stream::tests("rust", command, Counts::of_libtest).await
}
