//! `cargo xtask dev`: everything on this machine, with people who come and go.

mod cast;
mod day;
mod stage;
pub(crate) mod widget;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use harness::tools::{self, Report as _};
use harness::{Centrifugo, Functions, Redis, Site, VARIABLES};
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::output::Progress;
use crate::signals::Signals;
use stage::Stage;

/// How often to see whether a child has died.
const WATCH: Duration = Duration::from_millis(250);

/// Options of `cargo xtask dev`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Seconds between roll calls
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    period: u64,
    /// How many people come and go
    #[arg(long, default_value_t = 8)]
    visitors: usize,
    /// The port of the demo page; any free one without it
    #[arg(long)]
    port: Option<u16>,
    /// The channel that the people are in: site:… or room:…
    #[arg(long, default_value = "site:main", value_parser = known_channel)]
    channel: String,
}

/// Centrifugo is given these namespaces; another one would be refused much later and less clearly.
fn known_channel(channel: &str) -> Result<String, String> {
    match channel.split_once(':') {
        Some(("site" | "room", rest)) if !rest.is_empty() && rest.is_ascii() => {
            Ok(channel.to_owned())
        }
        _ => Err("a channel begins with `site:` or `room:`".to_owned()),
    }
}

/// Runs until a signal comes, or until something that is needed has died.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let mut signals = Signals::catch()?;
    let progress = Progress::start();
    tokio::select! {
        outcome = play(&arguments, &progress) => outcome?,
        () = signals.any() => progress.status("stopping"),
    }
    Ok(ExitCode::SUCCESS)
}

/// What runs. Dropping it ends all of it, in this order.
struct Running {
    site: Site,
    functions: Functions,
    centrifugo: Centrifugo,
    redis: Option<Redis>,
}

impl Running {
    async fn start(arguments: &Arguments, progress: &Progress) -> Result<Self> {
        let port = arguments.port.unwrap_or(0);
        // Said before minutes of building, not after.
        TcpListener::bind(("127.0.0.1", port))
            .with_context(|| format!("cannot serve on port {port} of 127.0.0.1"))?;
        tools::centrifugo(progress).await?;
        tools::cargo_lambda(progress).await?;
        widget::build_unless_fresh(progress).await?;
        progress.step("starting Centrifugo");
        let centrifugo = Centrifugo::start().await?;
        let (redis, redis_url) = match given("REDIS_URL") {
            Some(url) => (None, url),
            None => {
                tools::redis_server(progress).await?;
                progress.step("starting Redis");
                let redis = Redis::start().await?;
                let prefix = given("REDIS_PREFIX").unwrap_or_else(|| "rollcall".to_owned());
                day::make_up(&redis, &prefix, &arguments.channel, arguments.visitors).await?;
                let url = redis.url();
                (Some(redis), url)
            }
        };
        let environment = environment(&arguments.channel, &centrifugo, redis_url);
        let functions = Functions::start(environment, progress).await?;
        let site = Site::start(port, &functions.snapshot_url()).await?;
        Ok(Self { site, functions, centrifugo, redis })
    }

    /// The error of the first child that has died.
    fn death(&mut self) -> Option<anyhow::Error> {
        let redis = self.redis.as_mut().and_then(|redis| redis.process().death());
        redis
            .or_else(|| self.centrifugo.process().death())
            .or_else(|| self.functions.process().death())
    }
}

fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// The variables of the functions: those of one's own shell, e.g. `VISIBILITY`, and over them what
/// follows from what was started.
fn environment(
    channel: &str,
    centrifugo: &Centrifugo,
    redis_url: String,
) -> BTreeMap<String, String> {
    let own = VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), given(name)?)));
    let mut environment: BTreeMap<String, String> = own.collect();
    let mut watched = "site:main,room:*".to_owned();
    if channel != "site:main" && !channel.starts_with("room:") {
        watched = format!("{watched},{channel}");
    }
    environment.entry("WATCH_CHANNELS".to_owned()).or_insert(watched);
    let started = [
        ("CENTRIFUGO_API_URL", centrifugo.api_url()),
        ("CENTRIFUGO_API_KEY", centrifugo.api_key().to_owned()),
        ("CENTRIFUGO_CLIENT_URL", centrifugo.client_url()),
        ("CENTRIFUGO_TOKEN_HMAC_SECRET", centrifugo.token_secret().to_owned()),
        ("REDIS_URL", redis_url),
    ];
    environment.extend(started.map(|(name, value)| (name.to_owned(), value)));
    environment
}

async fn play(arguments: &Arguments, progress: &Progress) -> Result<()> {
    let mut running = Running::start(arguments, progress).await?;
    let url = running.site.url();
    let channel = &arguments.channel;
    // The views name the period of the schedule; here a roll call comes whenever we ask for one.
    let mut page = format!("?period={}", arguments.period);
    if running.redis.is_some() {
        page.push_str("&day=made-up");
    }
    if channel != "site:main" {
        page.push_str("&channel=");
        page.push_str(channel);
    }
    progress.line(&format!("The demo page: {url}/{page}"));
    let info = json!({ "name": "Robin Lee", "avatar": format!("{url}/avatars/Robin%20Lee.svg") });
    let token = running.centrifugo.token("you", &info)?;
    progress.line(&format!(
        "Signed in, and in a second channel: {url}/{page}&also=room:lobby#token={token}"
    ));
    progress.line(&format!("The same numbers: curl {url}/v1/presence/{channel}"));
    progress.line("Ctrl-C ends everything.");

    let mut stage = Stage::new(channel, &url, arguments.visitors);
    let period = Duration::from_secs(arguments.period);
    let mut due = Instant::now();
    let mut watch = interval(WATCH);
    watch.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        watch.tick().await;
        if let Some(death) = running.death() {
            return Err(death);
        }
        if Instant::now() < due {
            continue;
        }
        due = Instant::now() + period;
        if let Err(error) = stage.next(&running.centrifugo).await {
            progress.line(&format!("{error:#}"));
        }
        match roll_call(&running, channel).await {
            Ok(line) => progress.status(&line),
            // Why it failed may be that a child has died; then that is the line to show.
            Err(error) => match running.death() {
                Some(death) => return Err(death),
                None => progress.line(&format!("the roll call failed: {error:#}")),
            },
        }
    }
}

/// Takes a roll call and reads what is kept as a page would.
async fn roll_call(running: &Running, channel: &str) -> Result<String> {
    let report = running.functions.roll_call().await?;
    let call = report.pointer("/roll_calls/0").context("a report without a roll call")?;
    if let Some(failed) = call.get("failed").and_then(Value::as_array).and_then(|all| all.first()) {
        bail!("{failed}");
    }
    let url = format!("{}/v1/presence/{channel}", running.site.url());
    let view: Value =
        harness::http_client()?.get(url).send().await?.error_for_status()?.json().await?;
    let number = |of: &Value, name: &str| of.get(name).and_then(Value::as_u64).unwrap_or(0);
    Ok(format!(
        "{channel}: present {}, users {}, guests {}, connections {}",
        number(&view, "present"),
        number(&view, "users"),
        number(&view, "guests"),
        number(&view, "clients"),
    ))
}
