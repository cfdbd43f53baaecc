//! Wires the snapshot function: configuration, connection, `run`.

mod uri;

use std::process::ExitCode;

use http_api::{Config, Reader, routes};
use lambda_http::request::LambdaRequest;
use lambda_http::tower::ServiceExt as _;
use lambda_http::{Adapter, LambdaEvent, lambda_runtime};
use store::{Patience, Store};
use token::Verifier;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    process::run(run()).await
}

async fn run() -> anyhow::Result<()> {
    let mut variables = settings::Reader::new(&process::variable);
    let config = Config::read(&mut variables);
    let store = store::Config::read(&mut variables);
    let (config, store) = variables.finish(config.zip(store))?;
    let store = Store::new(&store, Patience::OF_A_VISITOR, process::clock())?;
    let tokens = config.tokens.map(Verifier::new).transpose()?;
    let reader = Reader::new(config.scope, store, tokens, process::clock());
    reader.connect().await;
    // As `lambda_http::run` has it, but for what comes before its adapter.
    let service = Adapter::from(routes(reader)).map_request(
        |LambdaEvent { payload, context }: LambdaEvent<LambdaRequest>| {
            LambdaEvent::new(uri::encoded(payload), context)
        },
    );
    lambda_runtime::run(service).await.map_err(anyhow::Error::from_boxed)
}
