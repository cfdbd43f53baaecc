//! Chromium: `CHROME_BIN`, else on `PATH`, else installed by apt-get.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::apt_get::apt_get;
use super::{Report, found};

const ADVICE: &str = "no Chromium: set CHROME_BIN, or install chromium";
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The path of a Chromium that starts.
///
/// # Errors
/// There is none; the line says why, and serves as the reason of a skipped test.
pub async fn chromium(report: &dyn Report) -> Result<PathBuf> {
    if let Some(program) = found::by_variable("CHROME_BIN")? {
        return Ok(program);
    }
    if let Some(program) = on_path() {
        return Ok(program);
    }
    apt_get(&["chromium"], ADVICE, report).await?;
    on_path().context("apt-get installed chromium, but none that starts is on PATH")
}

/// The first that starts: a name on `PATH` may be a stub which only says how to install it.
fn on_path() -> Option<PathBuf> {
    let programs = NAMES.into_iter().filter_map(found::on_path);
    programs.into_iter().find(|program| {
        let output = Command::new(program).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    })
}
