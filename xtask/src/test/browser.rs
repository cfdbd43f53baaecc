//! The element in a real browser, against everything real.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result};
use harness::tools::{self, Report as _, npm_ci};
use harness::{Centrifugo, Functions, Moto, Redis, SelfHosted, Site, aws_at};

use super::counts::Counts;
use super::{Outcome, cargo, stream};
use crate::output::Progress;

/// The channel that the browsers are in.
const CHANNEL: &str = "site:e2e";
/// The channel of the demo page behind nginx.
const SELF_HOSTED: &str = "site:self-hosted";

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let chromium = match tools::chromium(&progress).await {
        Ok(chromium) => chromium,
        Err(error) => return Ok(Outcome::Skipped(format!("{error:#}"))),
    };
    let folder = harness::root().join("tests/browser");
    npm_ci(&folder, &progress).await?;
    tools::moto_server(&progress).await?;
    progress.step("starting Centrifugo, Redis and moto");
    let centrifugo = Centrifugo::start().await?;
    let redis = Redis::start().await?;
    let moto = Moto::start().await?;
    let queue = moto.bus_with_queue().await?;
    let environment: BTreeMap<_, _> = [
        // By glob: nobody is there at first, so the pages find the socket without a view.
        ("WATCH_CHANNELS", "site:*".to_owned()),
        ("CENTRIFUGO_API_URL", centrifugo.api_url()),
        ("CENTRIFUGO_API_KEY", centrifugo.api_key().to_owned()),
        ("CENTRIFUGO_CLIENT_URL", centrifugo.client_url()),
        ("CENTRIFUGO_TOKEN_HMAC_SECRET", centrifugo.token_secret().to_owned()),
        ("REDIS_URL", redis.url()),
        ("EVENT_BUS_NAME", queue.bus().to_owned()),
    ]
    .into_iter()
    .chain(aws_at(&moto.url()))
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let functions = Functions::start(environment, &progress).await?;
    let site = Site::start(0, &functions.snapshot_url()).await?;
    progress.step("building rollcall, and starting it behind nginx");
    let program = cargo::build(&["rollcall"]).await?.join("rollcall");
    let self_hosted = SelfHosted::start(&program, SELF_HOSTED, &centrifugo, &redis).await?;
    let shots = harness::target().join("screenshots");
    std::fs::create_dir_all(&shots).with_context(|| format!("cannot make {}", shots.display()))?;
    drop(progress);

    let mut command = Command::new("node");
    command
        .current_dir(&folder)
        // One file after the other: they share the stack, and each has a browser of its own.
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
        .env("ROLLCALL_SITE", site.url())
        .env("ROLLCALL_COLLECTOR", functions.collector_url())
        .env("ROLLCALL_TOKEN_SECRET", centrifugo.token_secret())
        .env("ROLLCALL_CHANNEL", CHANNEL)
        .env("ROLLCALL_QUEUE", queue.url())
        .env("ROLLCALL_SELF_HOSTED", self_hosted.url())
        .env("ROLLCALL_SHOTS", &shots)
        .env("CHROME_BIN", chromium);
    stream::tests("browser", command, Counts::of_node).await
}
