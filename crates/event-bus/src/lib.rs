#![doc = include_str!("../README.md")]

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{ConfigLoader, SdkConfig};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use presence::{Event, Kind};
use roll_call::{Announcer, ShardBus, Verdicts};
use tokio::sync::OnceCell;

/// Entries of one call at the most.
const ENTRIES_MAX: usize = 10;
/// Bytes of one call at the most: EventBridge takes 256 KiB of source, detail type and detail of all entries together.
const CALL_BYTES_MAX: usize = 256 * 1024;
/// `Source` of everything that is announced.
const SOURCE: &str = "rollcall";
/// `Source` and `DetailType` of a shard.
const SHARD_SOURCE: &str = "rollcall.shards";
const SHARD_DUE: &str = "Shard Due";

/// EventBridge, connected to when it is first needed: that takes milliseconds, which a cold start can do without.
#[derive(Clone)]
pub struct EventBridge(Arc<Lazy>);

struct Lazy {
    loader: Box<dyn Fn() -> ConfigLoader + Send + Sync>,
    client: OnceCell<Client>,
}

/// An event bus to announce on, or to hand out shards on.
pub struct EventBus {
    aws: EventBridge,
    name: String,
    /// The variable that names it.
    variable: &'static str,
}

/// An entry of a call.
struct Entry<'e> {
    source: &'static str,
    detail_type: &'static str,
    detail: &'e str,
}

/// Whether an event is a shard that is due, by what EventBridge delivers as its `source` and `detail-type`. One of the two is
/// enough: what is meant as a shard, and can't be read, must not pass for the tick of a clock.
pub fn is_shard(source: &str, detail_type: &str) -> bool {
    source == SHARD_SOURCE || detail_type == SHARD_DUE
}

impl EventBridge {
    /// Region, credentials and endpoint come from `loader`, which takes them from the environment where it is told nothing
    /// else; how to connect and how long to wait is decided here.
    pub fn new(loader: impl Fn() -> ConfigLoader + Send + Sync + 'static) -> Self {
        Self(Arc::new(Lazy { loader: Box::new(loader), client: OnceCell::new() }))
    }

    /// Connects now, where it is sure to be needed.
    pub async fn connect(&self) {
        self.client().await;
    }

    async fn client(&self) -> &Client {
        let Lazy { loader, client } = &*self.0;
        client.get_or_init(async || Client::new(&Self::load(loader()).await)).await
    }

    async fn load(loader: ConfigLoader) -> SdkConfig {
        // ring, as everywhere else: aws-lc spends 31 ms of CPU at its first key.
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(5))
            .build();
        loader
            .http_client(http)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .load()
            .await
    }

    /// The bus of that name (or ARN), which that variable names.
    pub fn bus(&self, name: &str, variable: &'static str) -> EventBus {
        EventBus { aws: self.clone(), name: name.to_owned(), variable }
    }
}

impl EventBus {
    async fn put(&self, entries: impl Iterator<Item = Entry<'_>>) -> Result<Verdicts, String> {
        let entries = entries.map(|Entry { source, detail_type, detail }| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(source)
                .detail_type(detail_type)
                .detail(detail)
                .build()
        });
        let call = self.aws.client().await.put_events().set_entries(Some(entries.collect()));
        let answer = call.send().await.map_err(|error| {
            let reason = match error.as_service_error() {
                Some(error) => error.meta().to_string(),
                None => innermost(&error),
            };
            let variable = self.variable;
            format!("EventBridge takes nothing: {reason}; check {variable} and the right to put events there")
        })?;
        let verdicts = answer.entries().iter().map(|entry| match entry.error_code() {
            None => Ok(()),
            Some(code) => Err(format!(
                "EventBridge refuses an event: {code}: {}",
                entry.error_message().unwrap_or_default()
            )),
        });
        Ok(verdicts.collect())
    }
}

impl Entry<'_> {
    fn of_event<'e>(event: &&'e Event) -> Entry<'e> {
        let detail_type = match event.kind {
            Kind::Changed => "Presence Changed",
            Kind::Occupied => "Channel Occupied",
            Kind::Vacated => "Channel Vacated",
            Kind::Peak => "Peak Reached",
        };
        Entry { source: SOURCE, detail_type, detail: &event.detail }
    }

    fn of_shard(shard: &String) -> Entry<'_> {
        Entry { source: SHARD_SOURCE, detail_type: SHARD_DUE, detail: shard }
    }

    fn length(&self) -> usize {
        self.source.len() + self.detail_type.len() + self.detail.len()
    }
}

/// How many entries, from the first on, have room in one call.
fn call_length<'e>(entries: impl Iterator<Item = Entry<'e>>) -> usize {
    let mut bytes = 0;
    let fitting = entries.take(ENTRIES_MAX).take_while(|entry| {
        bytes += entry.length();
        bytes <= CALL_BYTES_MAX
    });
    fitting.count().max(1)
}

impl Announcer for EventBus {
    fn call_length(&self, events: &[&Event]) -> usize {
        call_length(events.iter().map(Entry::of_event))
    }

    fn announce<'a>(&'a self, events: &'a [&'a Event]) -> BoxFuture<'a, Result<Verdicts, String>> {
        self.put(events.iter().map(Entry::of_event)).boxed()
    }
}

impl ShardBus for EventBus {
    fn call_length(&self, shards: &[String]) -> usize {
        call_length(shards.iter().map(Entry::of_shard))
    }

    fn hand_out<'a>(&'a self, shards: &'a [String]) -> BoxFuture<'a, Result<Verdicts, String>> {
        self.put(shards.iter().map(Entry::of_shard)).boxed()
    }
}

/// The cause behind all causes: what an operator understands ("Connection refused").
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
