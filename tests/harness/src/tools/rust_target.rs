//! Rust's standard library for other machines than this one: installed by rustup.

use anyhow::{Context as _, Result};

use super::lock::lock;
use super::{Report, WORK, found};
use crate::{command, run};

/// Has the standard library for `target`, e.g. `aarch64-unknown-linux-musl`, at hand.
///
/// # Errors
/// rustup is missing or fails.
pub async fn rust_target(target: &str, report: &dyn Report) -> Result<()> {
    let rustup = found::needed("rustup", "Rust by rustup, which brings it for other machines")?;
    let _lock = lock("rustup").await?;
    let list = command(&rustup).args(["target", "list", "--installed"]).output();
    let list = list.context("cannot run rustup")?;
    if String::from_utf8_lossy(&list.stdout).lines().any(|installed| installed == target) {
        return Ok(());
    }
    report.step(&format!("installing Rust's standard library for {target} (once)"));
    let mut add = command(&rustup);
    add.args(["target", "add", target]);
    run("rustup", add, WORK).await.with_context(|| format!("rustup does not bring {target}"))
}
