//! The step that has all outside programs and packages at hand, so that no later one waits for a download.

use anyhow::Result;
use harness::tools::{self, npm_ci};

use super::{Outcome, instructions};
use crate::output::Progress;
use crate::package;

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let programs = [
        tools::centrifugo(&progress).await?,
        tools::redis_server(&progress).await?,
        tools::nginx(&progress).await?,
        tools::prometheus(&progress).await?,
        tools::cargo_lambda(&progress).await?,
        tools::schemathesis(&progress).await?,
        tools::moto_server(&progress).await?,
        tools::sam(&progress).await?,
        tools::checkov(&progress).await?,
        tools::maturin(&progress).await?,
    ];
    for program in programs {
        progress.line(&program.display().to_string());
    }
    for packages in ["widget", "tests/browser", "tests/frameworks"] {
        npm_ci(&harness::root().join(packages), &progress).await?;
    }
    if instructions::IS_COUNTED_HERE {
        progress.line(&tools::gungraun_runner(&progress).await?.display().to_string());
    }
    for target in package::TARGETS {
        tools::rust_target(target, &progress).await?;
    }
    // Without one of these only the tests that need it are skipped.
    for program in [
        tools::chromium(&progress).await,
        tools::qemu_aarch64(&progress).await,
        tools::valgrind(&progress).await,
        tools::buildah(&progress).await,
        tools::systemd_analyze(&progress).await,
    ] {
        match program {
            Ok(program) => progress.line(&program.display().to_string()),
            Err(error) => progress.line(&format!("{error:#}")),
        }
    }
    Ok(Outcome::Passed)
}
