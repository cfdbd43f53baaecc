//! A Centrifugo, a Redis and a collector between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_sdk_eventbridge::config::Credentials;
use centrifugo::Client;
use collector::Config;
use event_bus::EventBridge;
use harness::{Centrifugo, Redis, Visit, Visitor};
use presence::Clock;
use roll_call::{Collector, NothingCommitted, RollCallReport};
use serde_json::{Value, json};
use store::{Patience, Store, ViewKind};
use webhook::Webhook;

/// The moment of the first roll call in a test.
pub(crate) const T0: u64 = 1_790_000_000_000;

/// More than any roll call here takes.
pub(crate) const WITHIN: Duration = Duration::from_secs(30);

/// Short enough for the tests that wait for it to run out, long enough for a busy machine.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(2),
    total: Duration::from_secs(3),
    waits: Some(3),
};

pub(crate) struct Stage {
    pub(crate) centrifugo: Centrifugo,
    pub(crate) redis: Redis,
    variables: BTreeMap<String, String>,
}

impl Stage {
    /// Starts the servers and watches `channels`.
    pub(crate) async fn watching(channels: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let centrifugo = Centrifugo::start().await.unwrap();
        let redis = Redis::start().await.unwrap();
        let mut stage = Self { centrifugo, redis, variables: BTreeMap::new() };
        stage.set("WATCH_CHANNELS", channels);
        stage.set("CENTRIFUGO_API_URL", &stage.centrifugo.api_url());
        stage.set("CENTRIFUGO_API_KEY", stage.centrifugo.api_key());
        stage.set("CENTRIFUGO_CLIENT_URL", "wss://rt.example.com/connection/websocket");
        stage.set("REDIS_URL", &stage.redis.url());
        stage
    }

    /// Changes a variable for the collectors made from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    fn config(&self) -> Config {
        Config::read(&|name| self.variables.get(name).cloned()).unwrap()
    }

    /// The variables, for a process of its own.
    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// A collector as the function would make it now, with that clock.
    pub(crate) fn collector(&self, clock: impl Fn() -> u64 + Send + Sync + 'static) -> Collector {
        let mut collector = self.quiet_collector(clock);
        let config = self.config();
        let variables = self.variables.clone();
        let aws = EventBridge::new(move || aws(&variables));
        if let Some(name) = config.event_bus {
            collector = collector.announcing(aws.bus(&name, "EVENT_BUS_NAME"));
        }
        if let Some(webhook) = config.webhook {
            let clock = Arc::new(|| harness::now_seconds() * 1000);
            let period = config.roll_call.scope.period;
            collector = collector.announcing(Webhook::new(webhook, period, clock).unwrap());
        }
        if let Some(name) = config.roll_call.shard_bus {
            collector = collector.handing_out(aws.bus(&name, "SHARD_BUS_NAME"));
        }
        collector
    }

    /// The same, which tells nobody of changes and takes all channels itself.
    pub(crate) fn quiet_collector(
        &self,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Collector {
        let config = self.config();
        let clock: Clock = Arc::new(clock);
        let centrifugo = Client::new(config.centrifugo, config.body_max).unwrap();
        let store = Store::new(&config.store, PATIENCE, Arc::clone(&clock)).unwrap();
        Collector::new(config.roll_call, centrifugo, store, clock)
    }

    /// A roll call by a new collector, that is, by a cold sandbox.
    pub(crate) async fn roll_call(&self, at: u64) -> Result<RollCallReport, NothingCommitted> {
        self.roll_call_by(move || at).await
    }

    /// The same, with a clock that goes on.
    pub(crate) async fn roll_call_by(
        &self,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<RollCallReport, NothingCommitted> {
        let taken_at = clock();
        match self.collector(clock).roll_call(taken_at, WITHIN).await {
            (report, None) => Ok(report),
            (_, Some(error)) => Err(error),
        }
    }

    /// The kept members view.
    pub(crate) async fn members(&self, channel: &str) -> Option<Value> {
        let store = Store::new(&self.config().store, PATIENCE, Arc::new(|| 0)).unwrap();
        let kept = store.view(channel, ViewKind::Members).await.unwrap()?;
        Some(serde_json::from_slice(&kept.view).unwrap())
    }

    /// Somebody with a token comes to `channels`.
    pub(crate) async fn user(&self, id: &str, info: Value, channels: &[&str]) -> Visitor {
        let visit = Visit { user: Some(id), info, channels };
        Visitor::connect(&self.centrifugo, visit).await.unwrap()
    }

    /// Somebody without a token comes to `channels`.
    pub(crate) async fn guest(&self, channels: &[&str]) -> Visitor {
        let visit = Visit { user: None, info: json!({}), channels };
        Visitor::connect(&self.centrifugo, visit).await.unwrap()
    }
}

/// What the function would find in its environment.
fn aws(variables: &BTreeMap<String, String>) -> ConfigLoader {
    let endpoint = variables.get("AWS_ENDPOINT_URL").map_or("http://127.0.0.1:1", String::as_str);
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("testing", "testing", None, None, "tests"))
        .endpoint_url(endpoint)
}
