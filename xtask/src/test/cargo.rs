//! The steps of cargo.

use anyhow::Result;

use super::Outcome;
use super::counts::Counts;
use super::stream;

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
