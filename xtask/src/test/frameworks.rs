//! The package in the frameworks that pages are made with: types, builds, and a real browser.

use std::process::Command;

use anyhow::Result;
use harness::root;
use harness::tools::{self, npm_ci};

use super::Outcome;
use super::counts::Counts;
use super::stream;
use crate::output::Progress;

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let chromium = match tools::chromium(&progress).await {
        Ok(chromium) => chromium,
        Err(error) => return Ok(Outcome::Skipped(format!("{error:#}"))),
    };
    // The browser is driven from where its own tests are.
    npm_ci(&root().join("tests/browser"), &progress).await?;
    let folder = root().join("tests/frameworks");
    npm_ci(&folder, &progress).await?;
    drop(progress);

    let mut command = Command::new("npm");
    command
        .current_dir(folder)
        .args(["test", "--", "--test-concurrency=1", "--test-reporter=spec"])
        .env("CHROME_BIN", chromium);
    stream::tests("frameworks", command, Counts::of_node).await
}
