//! The step that has all outside programs at hand, so that no later one waits for a download.

use anyhow::Result;
use harness::tools;

use super::Outcome;
use crate::output::Progress;

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let programs = [
        tools::centrifugo(&progress).await?,
        tools::redis_server(&progress).await?,
        tools::cargo_lambda(&progress).await?,
        tools::schemathesis(&progress).await?,
    ];
    for program in programs {
        progress.line(&program.display().to_string());
    }
    // Without it only the browser's step is skipped.
    match tools::chromium(&progress).await {
        Ok(program) => progress.line(&program.display().to_string()),
        Err(error) => progress.line(&format!("{error:#}")),
    }
    Ok(Outcome::Passed)
}
