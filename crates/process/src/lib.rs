#![doc = include_str!("../README.md")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use presence::{Clock, Millis};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Runs a program that logs to standard output. An error that it ends with is the last line of its log, and its exit
/// status 1.
pub async fn run(program: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    begin(std::io::stdout);
    match program.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What comes before all else: the log, to that writer, and TLS.
pub fn begin(log: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) {
    begin_to_log(log);
    // ring, so that aws-lc stays out. It fails only where there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Lets the allocator hand blocks of 256 KiB and more back to the system as soon as they are free; to be called before
/// there is another thread. Left alone, glibc raises that limit to the greatest block it has seen freed: the answer of a
/// big channel would stay in the heap, and the next one beside it. Measured with 100,000 clients: 56 MB instead of 71 MB
/// at the most, 19 MB instead of 50 MB between roll calls.
pub fn give_big_blocks_back() {
    #[cfg(target_env = "gnu")]
    #[expect(
        unsafe_code,
        reason = "a call of the C library without pointers, before there is another thread"
    )]
    // SAFETY: mallopt reads two numbers and changes a setting of the allocator.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 256 * 1024);
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

fn begin_to_log(writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) {
    let level = variable("AWS_LAMBDA_LOG_LEVEL").or_else(|| variable("RUST_LOG"));
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    // Who keeps the log adds the time.
    let log = tracing_subscriber::fmt().with_target(false).without_time().with_env_filter(filter);
    let log = log.with_writer(writer);
    let format = variable("AWS_LAMBDA_LOG_FORMAT").unwrap_or_default();
    if format.eq_ignore_ascii_case("json") {
        log.json().init();
    } else {
        log.init();
    }
}
