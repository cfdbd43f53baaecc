//! Runs a program, shows its output as it comes, and keeps it.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use harness::{Process, scratch};

use super::Outcome;
use super::counts::Counts;
use crate::output::{HEARTBEAT, pass_on, say};

/// How often to look for more output.
const LOOK: Duration = Duration::from_millis(100);

/// No step takes longer; one that does hangs.
const BOUND: Duration = Duration::from_secs(60 * 60);

/// Runs a check that either passes or fails.
///
/// # Errors
/// It fails.
pub(crate) async fn check(name: &str, command: Command) -> Result<Outcome> {
    let (status, _) = stream(name, command).await?;
    if !status.success() {
        bail!("{status}");
    }
    Ok(Outcome::Passed)
}

/// Runs a test runner whose output `count` understands.
///
/// # Errors
/// It fails without a test that failed, or runs no test at all.
pub(crate) async fn tests(
    name: &str,
    command: Command,
    count: fn(&str) -> Counts,
) -> Result<Outcome> {
    let (status, output) = stream(name, command).await?;
    let mut counts = count(&output);
    if !status.success() && counts.failed == 0 {
        // What else ran is worth its count.
        say(&format!("{name} ended with {status}, though no test failed"));
        counts.failed = 1;
    }
    if counts.total() == 0 {
        bail!("no tests ran");
    }
    Ok(Outcome::Ran(counts))
}

/// Runs a program, and gives what it said when it has ended.
pub(crate) async fn stream(name: &str, command: Command) -> Result<(ExitStatus, String)> {
    let folder = scratch(name)?;
    // Browsers are in groups of their own.
    let mut process = Process::start_parent(name, &folder, command)?;
    let mut log = File::open(process.log()).context("cannot read a log")?;
    let mut output = Vec::new();
    let start = Instant::now();
    let mut last = start;
    loop {
        // Looked at before the last read, so that nothing is missed.
        let ended = process.ended();
        let n_seen = output.len();
        log.read_to_end(&mut output)?;
        let news = output.get(n_seen..).unwrap_or_default();
        if !news.is_empty() {
            pass_on(news);
            last = Instant::now();
        }
        if let Some(status) = ended {
            return Ok((status, String::from_utf8_lossy(&output).into_owned()));
        }
        if last.elapsed() >= HEARTBEAT {
            say(&format!("... {name} goes on ({} s)", start.elapsed().as_secs()));
            last = Instant::now();
        }
        if start.elapsed() > BOUND {
            bail!("{name} does not end");
        }
        tokio::time::sleep(LOOK).await;
    }
}
