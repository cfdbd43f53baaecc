//! Wires the collector: configuration, clients, `run`.

use std::process::ExitCode;

use aws_config::BehaviorVersion;
use centrifugo::Client;
use collector::{Config, handle};
use event_bus::EventBridge;
use lambda_runtime::service_fn;
use roll_call::Collector;
use store::{Patience, Store};
use webhook::Webhook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    process::give_big_blocks_back();
    process::run(run()).await
}

async fn run() -> anyhow::Result<()> {
    let config = Config::read(&process::variable)?;
    let centrifugo = Client::new(config.centrifugo, config.body_max)?;
    let store = Store::new(&config.store, Patience::OF_A_ROLL_CALL, process::clock())?;
    let stack_name = config.roll_call.stack_name.clone();
    let (announced, shards) = (config.event_bus, config.roll_call.shard_bus.clone());
    let period = config.roll_call.scope.period;
    let mut collector = Collector::new(config.roll_call, centrifugo, store, process::clock());
    if let Some(webhook) = config.webhook {
        let webhook = Webhook::new(webhook, period, process::clock());
        collector = collector.announcing(webhook.map_err(anyhow::Error::msg)?);
    }
    let aws = EventBridge::new(|| aws_config::defaults(BehaviorVersion::latest()));
    if let Some(name) = announced {
        aws.connect().await;
        collector = collector.announcing(aws.bus(&name, "EVENT_BUS_NAME"));
    }
    // Most never hand out anything.
    if let Some(name) = shards {
        collector = collector.handing_out(aws.bus(&name, "SHARD_BUS_NAME"));
    }
    let (collector, stack_name) = (&collector, stack_name.as_str());
    collector.connect().await;
    let handler = service_fn(move |event| handle(collector, stack_name, event));
    lambda_runtime::run(handler).await.map_err(anyhow::Error::from_boxed)
}
