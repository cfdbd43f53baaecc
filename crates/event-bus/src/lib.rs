#![doc = include_str!("../README.md")]

use std::time::Duration;

use aws_config::ConfigLoader;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use presence::{Event, Kind};
use roll_call::{Announcer, Verdicts};

/// Entries of one call at the most.
const ENTRIES_MAX: usize = 10;
/// Bytes of one call at the most: EventBridge takes 256 KiB of source, detail type and detail of all entries together.
const CALL_BYTES_MAX: usize = 256 * 1024;
/// `Source` of every event.
const SOURCE: &str = "rollcall";

/// An event bus to announce on.
pub struct EventBus {
    client: Client,
    name: String,
}

impl EventBus {
    /// The bus of that name (or ARN). Region, credentials and endpoint come from `loader`, which takes them from the
    /// environment where it is told nothing else; how to connect and how long to wait is decided here.
    pub async fn connect(name: String, loader: ConfigLoader) -> Self {
        // ring, as everywhere else: aws-lc spends 31 ms of CPU at its first key.
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(5))
            .build();
        let config = loader
            .http_client(http)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .load()
            .await;
        Self { client: Client::new(&config), name }
    }

    async fn put(&self, events: &[&Event]) -> Result<Verdicts, String> {
        let entries = events.iter().map(|event| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(SOURCE)
                .detail_type(detail_type(event.kind))
                .detail(&event.detail)
                .build()
        });
        let call = self.client.put_events().set_entries(Some(entries.collect()));
        let answer = call.send().await.map_err(|error| {
            let reason = match error.as_service_error() {
                Some(error) => error.meta().to_string(),
                None => innermost(&error),
            };
            format!(
                "EventBridge takes nothing: {reason}; check EVENT_BUS_NAME and the function's role"
            )
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

impl Announcer for EventBus {
    fn call_length(&self, events: &[&Event]) -> usize {
        let mut bytes = 0;
        let fitting = events.iter().take(ENTRIES_MAX).take_while(|event| {
            bytes += event.detail.len() + detail_type(event.kind).len() + SOURCE.len();
            bytes <= CALL_BYTES_MAX
        });
        fitting.count().max(1)
    }

    fn announce<'a>(&'a self, events: &'a [&'a Event]) -> BoxFuture<'a, Result<Verdicts, String>> {
        self.put(events).boxed()
    }
}

/// `DetailType` of an event.
fn detail_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Changed => "Presence Changed",
        Kind::Occupied => "Channel Occupied",
        Kind::Vacated => "Channel Vacated",
        Kind::Peak => "Peak Reached",
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
