#![doc = include_str!("../README.md")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use presence::{Clock, Millis};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Runs a program. An error that it ends with is the last line of its log, and its exit status 1.
pub async fn run(program: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    begin_to_log();
    // ring, so that aws-lc stays out. It fails only where there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match program.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The text of an environment variable; `None` where it is not set, or is no Unicode.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The clock of this machine.
#[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
pub fn clock() -> Clock {
    Arc::new(|| {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::try_from(since_epoch.as_millis()).unwrap_or(Millis::MAX)
    })
}

fn begin_to_log() {
    let level = variable("AWS_LAMBDA_LOG_LEVEL").or_else(|| variable("RUST_LOG"));
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    // Who keeps the log adds the time.
    let log = tracing_subscriber::fmt().with_target(false).without_time().with_env_filter(filter);
    let format = variable("AWS_LAMBDA_LOG_FORMAT").unwrap_or_default();
    if format.eq_ignore_ascii_case("json") {
        log.json().init();
    } else {
        log.init();
    }
}
