//! The templates: linters, builds for both architectures, a deployment to a simulated AWS.

use std::time::Duration;

use anyhow::{Context as _, Result};
use harness::tools::{self, Report as _};

use super::Outcome;
use super::counts::Counts;
use super::stream;
use crate::output::Progress;

const BUILD: Duration = Duration::from_secs(30 * 60);

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let python = tools::moto_python(&progress).await?;
    let sam = tools::sam(&progress).await?;
    let checkov = tools::checkov(&progress).await?;
    let cargo_lambda = tools::cargo_lambda(&progress).await?;
    let target = harness::target();
    progress.step("building the functions for this machine");
    let mut build = harness::command("cargo");
    build.args(["build", "--bin", "collector", "--bin", "snapshot", "--bin", "site"]);
    harness::run("cargo-build", build, BUILD).await.context("cannot build the functions")?;

    let mut command = harness::command(&python);
    command
        .args(["-m", "unittest", "discover", "-v", "-s", "tests/infra", "-p", "*_test.py"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1")
        // sam looks for cargo-lambda there, and cargo-lambda for zig.
        .env("PATH", tools::path_with(&cargo_lambda)?)
        .env("ROLLCALL_CENTRIFUGO", tools::centrifugo(&progress).await?)
        .env("ROLLCALL_CFN_LINT", python.with_file_name("cfn-lint"))
        .env("ROLLCALL_CHECKOV", checkov)
        .env("ROLLCALL_REDIS", tools::redis_server(&progress).await?)
        .env("ROLLCALL_SAM", sam)
        .env("ROLLCALL_SITE", target.join("debug/site"));
    if !cfg!(target_arch = "aarch64") {
        match tools::qemu_aarch64(&progress).await {
            Ok(qemu) => command.env("ROLLCALL_QEMU", qemu),
            Err(error) => command.env("ROLLCALL_NO_QEMU", format!("{error:#}")),
        };
    }
    drop(progress);
    stream::tests("infra", command, Counts::of_unittest).await
}
