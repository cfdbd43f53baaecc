//! Wires the snapshot function: configuration, connection, `run`.

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use lambda_http::tracing;
use presence::Millis;
use snapshot::{Config, Snapshot, routes};
use store::{Patience, Store};
use token::Verifier;

/// A visitor waits: a Redis that hangs costs a request at most 600 ms.
const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(500),
    total: Duration::from_millis(550),
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing::init_default_subscriber();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok()
        .context("rustls has a provider already")?;
    let config = Config::read(&|name| std::env::var(name).ok())?;
    let store = Store::new(&config.store, PATIENCE, now)?;
    let tokens = config.tokens.map(Verifier::new).transpose()?;
    let snapshot = Snapshot::new(config.scope, store, tokens, Box::new(now));
    snapshot.connect().await;
    lambda_http::run(routes(snapshot)).await.map_err(anyhow::Error::from_boxed)
}

#[expect(clippy::disallowed_methods, reason = "main is where the clock is read")]
fn now() -> Millis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since_epoch.as_millis()).unwrap_or(Millis::MAX)
}
