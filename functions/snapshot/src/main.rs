//! Wires the snapshot function: configuration, connection, `run`.

use std::process::ExitCode;
use std::time::Duration;

use http_api::{Config, Reader, routes};
use store::{Patience, Store};
use token::Verifier;

/// A visitor waits: a Redis that hangs costs a request at most 600 ms.
const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(500),
    total: Duration::from_millis(550),
    waits: None,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    process::run(run()).await
}

async fn run() -> anyhow::Result<()> {
    let mut variables = settings::Reader::new(&process::variable);
    let config = Config::read(&mut variables);
    let store = store::Config::read(&mut variables);
    let (config, store) = variables.finish(config.zip(store))?;
    let store = Store::new(&store, PATIENCE, process::clock())?;
    let tokens = config.tokens.map(Verifier::new).transpose()?;
    let reader = Reader::new(config.scope, store, tokens, process::clock());
    reader.connect().await;
    lambda_http::run(routes(reader)).await.map_err(anyhow::Error::from_boxed)
}
