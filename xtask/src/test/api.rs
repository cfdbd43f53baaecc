//! The HTTP function is as its OpenAPI document says: schemathesis asks what the document allows and what it does not,
//! and looks at each answer.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::Result;
use harness::tools::{self, Report as _};
use harness::{Centrifugo, Functions, Redis, Visit, Visitor, sign};
use serde_json::json;

use super::Outcome;
use super::stream;
use crate::output::Progress;

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let schemathesis = tools::schemathesis(&progress).await?;
    progress.step("starting Centrifugo and Redis");
    let centrifugo = Centrifugo::start().await?;
    let redis = Redis::start().await?;
    let environment = BTreeMap::from(
        [
            ("WATCH_CHANNELS", "site:main,room:*".to_owned()),
            ("CENTRIFUGO_API_URL", centrifugo.api_url()),
            ("CENTRIFUGO_API_KEY", centrifugo.api_key().to_owned()),
            ("CENTRIFUGO_CLIENT_URL", centrifugo.client_url()),
            ("CENTRIFUGO_TOKEN_HMAC_SECRET", centrifugo.token_secret().to_owned()),
            // So that there is something to be kept from those without a token.
            ("VISIBILITY", "counts".to_owned()),
            ("REDIS_URL", redis.url()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let functions = Functions::start(environment, &progress).await?;
    let info = json!({ "name": "Ann", "avatar": "https://example.com/ann.png" });
    let visit = Visit { user: Some("42"), info, channels: &["site:main"] };
    let _ann = Visitor::connect(&centrifugo, visit).await?;
    functions.roll_call().await?;
    drop(progress);

    let token = sign(centrifugo.token_secret(), &json!({ "sub": "42" }))?;
    let mut command = Command::new(schemathesis);
    command
        // What it writes must not lie among the sources: `cargo lambda watch` would start the function anew.
        .current_dir(harness::scratch("schemathesis")?)
        .arg("--config-file")
        .arg(harness::root().join("tests/api/schemathesis.toml"))
        .arg("run")
        .arg(harness::root().join("docs/openapi.yaml"))
        .args(["--checks", "all", "--url", &functions.snapshot_url()])
        .env("SCHEMATHESIS_HOOKS", harness::root().join("tests/api/hooks.py"))
        // Python's bytecode is no source either.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("ROLLCALL_TOKEN", token);
    stream::check("api", command).await
}
