//! The templates: linters, builds for both architectures, a deployment to a simulated AWS.

use anyhow::Result;
use harness::tools::{self, Report as _};

use super::counts::Counts;
use super::{Outcome, cargo, stream, unittest};
use crate::output::Progress;

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let python = tools::moto_python(&progress).await?;
    let sam = tools::sam(&progress).await?;
    let checkov = tools::checkov(&progress).await?;
    let cargo_lambda = tools::cargo_lambda(&progress).await?;
    progress.step("building the functions for this machine");
    let built = cargo::build(&["collector", "snapshot", "site"]).await?;

    let mut command = unittest::of("infra", &python);
    command
        // sam looks for cargo-lambda there, and cargo-lambda for zig.
        .env("PATH", tools::path_with(&cargo_lambda)?)
        .env("ROLLCALL_CENTRIFUGO", tools::centrifugo(&progress).await?)
        .env("ROLLCALL_CFN_LINT", python.with_file_name("cfn-lint"))
        .env("ROLLCALL_CHECKOV", checkov)
        .env("ROLLCALL_REDIS", tools::redis_server(&progress).await?)
        .env("ROLLCALL_SAM", sam)
        .env("ROLLCALL_SITE", built.join("site"));
    if !cfg!(target_arch = "aarch64") {
        match tools::qemu_aarch64(&progress).await {
            Ok(qemu) => command.env("ROLLCALL_QEMU", qemu),
            Err(error) => command.env("ROLLCALL_NO_QEMU", format!("{error:#}")),
        };
    }
    drop(progress);
    stream::tests("infra", command, Counts::of_unittest).await
}
