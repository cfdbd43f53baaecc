//! The collector with a clock that it is told: takes one roll call, or a shard of one, prints its report as a line of its log, ends.
//!
//! It is wired as the function is, but for the host: a start of the process stands for an invocation. Its clock begins at
//! the moment that it is told and then runs as any does, so roll calls that are a minute apart can follow each other at once,
//! and a clock can be an hour wrong.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use aws_config::BehaviorVersion;
use centrifugo::Client;
use clap::Parser;
use collector::Config;
use event_bus::EventBridge;
use presence::{Clock, Millis};
use roll_call::{Collector, Shard, minute};
use serde_json::json;
use store::{Patience, Store};
use webhook::Webhook;

/// Shorter than the function's: a server that hangs shall not cost the soak most of its time.
const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(600),
    answer: Duration::from_millis(900),
    total: Duration::from_millis(1500),
    waits: Some(3),
};

#[derive(Parser)]
struct Arguments {
    /// What the clock says at first, in milliseconds since the Unix epoch
    #[arg(long)]
    clock: Millis,
    /// Milliseconds until the roll call has to end
    #[arg(long)]
    within: Millis,
    /// So many channels in a shard; the variable takes no number as small as a soak needs
    #[arg(long)]
    shard_channels: Option<usize>,
    /// A file with the shard that is to be taken, as it was handed out
    #[arg(long)]
    shard: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    process::run(run(arguments)).await
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { clock, within, shard_channels, shard } = arguments;
    let mut config = Config::read(&process::variable)?;
    let end = clock + within;
    let clock = clock_from(clock);
    let centrifugo = Client::new(config.centrifugo, config.body_max)?;
    let store = Store::new(&config.store, PATIENCE, Arc::clone(&clock))?;
    let shard_bus = config.roll_call.shard_bus.clone().filter(|_| shard_channels.is_some());
    config.roll_call.shard_channels = shard_channels.unwrap_or(config.roll_call.shard_channels);
    let period = config.roll_call.scope.period;
    let mut collector = Collector::new(config.roll_call, centrifugo, store, clock);
    let aws = EventBridge::new(|| aws_config::defaults(BehaviorVersion::latest()));
    if let Some(webhook) = config.webhook {
        // The receiver's clock is the machine's.
        let webhook = Webhook::new(webhook, period, process::clock());
        collector = collector.announcing(webhook.map_err(anyhow::Error::msg)?);
    }
    if let Some(name) = config.event_bus {
        collector = collector.announcing(aws.bus(&name, "EVENT_BUS_NAME"));
    }
    if let Some(name) = shard_bus {
        collector = collector.handing_out(aws.bus(&name, "SHARD_BUS_NAME"));
    }
    collector.connect().await;
    let outcome = match shard {
        Some(file) => {
            let detail = serde_json::from_slice(&std::fs::read(file)?)?;
            let due = Shard::read(&detail).map_err(anyhow::Error::msg)?;
            roll_call::shard(&collector, &due, end, |_, _| {}).await
        }
        None => minute(&collector, end, |_, _| {}).await,
    };
    match outcome {
        Ok(report) => print(&json!({ "report": report })),
        Err(error) => {
            print(&json!({ "error_type": error.error_type(), "error": error.to_string() }));
            anyhow::bail!("{error}");
        }
    }
    Ok(())
}

/// A clock that says `first` when it is looked at for the first time: a roll call's moment is the very one that was told.
fn clock_from(first: Millis) -> Clock {
    let begun = OnceLock::new();
    Arc::new(move || {
        let begun: &Instant = begun.get_or_init(Instant::now);
        first + Millis::try_from(begun.elapsed().as_millis()).unwrap_or_default()
    })
}

#[expect(clippy::print_stdout, reason = "the report is what whoever started this waits for")]
fn print(line: &serde_json::Value) {
    println!("{line}");
}
