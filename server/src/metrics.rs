//! The numbers that Prometheus asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use roll_call::RollCallReport;

use crate::files::IsFile;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Seconds: most roll calls take some milliseconds, none more than a minute.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// All numbers. No label of theirs is anything that a visitor chose.
pub(crate) struct Metrics {
    registry: Registry,
    roll_calls: Family<OfRollCall, Counter>,
    duration: Histogram,
    last: Gauge<f64, AtomicU64>,
    present: Gauge<i64, AtomicI64>,
    clients: Gauge<i64, AtomicI64>,
    channels: Gauge<i64, AtomicI64>,
    events: Family<OfEvent, Counter>,
    requests: Family<OfRequest, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRollCall {
    result: RollCall,
}

/// What became of a roll call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "they are written as they stand here")]
enum RollCall {
    /// Something was committed, or there was nothing to do.
    committed,
    /// Somebody else had taken it already.
    superseded,
    failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfEvent {
    result: Event,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "they are written as they stand here")]
enum Event {
    announced,
    /// Nobody took it for a day, or there were too many.
    dropped,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRequest {
    route: String,
    status: u16,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("rollcall");
        let metrics = Self {
            roll_calls: Family::default(),
            duration: Histogram::new(BUCKETS),
            last: Gauge::default(),
            present: Gauge::default(),
            clients: Gauge::default(),
            channels: Gauge::default(),
            events: Family::default(),
            requests: Family::default(),
            registry: Registry::default(),
        };
        registry.register(
            "roll_calls",
            "Roll calls that this process took, by what became of them",
            metrics.roll_calls.clone(),
        );
        registry.register(
            "roll_call_duration_seconds",
            "How long roll calls took, from ask to announce",
            metrics.duration.clone(),
        );
        registry.register(
            "last_roll_call_timestamp_seconds",
            "The moment of the last roll call that did not fail, 0 before the first",
            metrics.last.clone(),
        );
        registry.register(
            "present",
            "People present in all channels together, as this process saw it at its last roll call",
            metrics.present.clone(),
        );
        registry.register(
            "clients",
            "Connections in all channels together",
            metrics.clients.clone(),
        );
        registry.register("channels", "Channels of that roll call", metrics.channels.clone());
        registry.register("events", "Events, by what became of them", metrics.events.clone());
        registry.register(
            "http_requests",
            "Requests, by route and status",
            metrics.requests.clone(),
        );
        // A counter that is there from the start has a rate from its first count on.
        for result in [RollCall::committed, RollCall::superseded, RollCall::failed] {
            let _ = metrics.roll_calls.get_or_create(&OfRollCall { result });
        }
        for result in [Event::announced, Event::dropped] {
            let _ = metrics.events.get_or_create(&OfEvent { result });
        }
        Self { registry, ..metrics }
    }

    /// Counts a roll call that took so long; it `went_well` unless nothing could be committed. Of one that did not, the
    /// numbers of who is there stay those of the last that did.
    pub(crate) fn roll_call(&self, report: &RollCallReport, went_well: bool, took: Duration) {
        let result = match went_well {
            false => RollCall::failed,
            true if report.committed == 0 && report.superseded > 0 => RollCall::superseded,
            true => RollCall::committed,
        };
        self.roll_calls.get_or_create(&OfRollCall { result }).inc();
        self.duration.observe(took.as_secs_f64());
        let count = |result, n_events: usize| {
            self.events.get_or_create(&OfEvent { result }).inc_by(n_events as u64);
        };
        count(Event::announced, report.announced);
        count(Event::dropped, report.dropped);
        if went_well {
            self.last.set(Duration::from_millis(report.taken_at).as_secs_f64());
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            self.present.set(number(report.seen.present));
            self.clients.set(number(report.seen.clients));
            self.channels.set(number(report.seen.channels));
        }
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// What Prometheus asks, and nothing else.
pub(crate) fn router(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(answer)).with_state(metrics)
}

async fn answer(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Counts a request by its route, not its path: that is whatever a stranger asked for.
pub(crate) async fn count(
    State(metrics): State<Arc<Metrics>>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let is_file = response.extensions().get::<IsFile>().is_some();
    let route = match &route {
        Some(route) => route.as_str(),
        None if is_file => "file",
        None => "none",
    };
    let of = OfRequest { route: route.to_owned(), status: response.status().as_u16() };
    metrics.requests.get_or_create(&of).inc();
    response
}

#[cfg(test)]
mod tests {
    use roll_call::Seen;

    use super::*;

    fn lines(metrics: &Metrics) -> Vec<String> {
        metrics.text().unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_roll_call_is_counted_by_what_became_of_it() {
        let metrics = Metrics::new();
        let has = |line: &str| {
            let lines = lines(&metrics);
            assert!(lines.iter().any(|known| known == line), "{line} is not in {lines:#?}");
        };
        has("rollcall_roll_calls_total{result=\"failed\"} 0");
        has("rollcall_last_roll_call_timestamp_seconds 0.0");
        let report = RollCallReport {
            taken_at: 1_790_000_000_500,
            watched: 3,
            committed: 2,
            superseded: 1,
            announced: 4,
            dropped: 5,
            seen: Seen { channels: 3, present: 7, clients: 9 },
            ..RollCallReport::default()
        };
        metrics.roll_call(&report, true, Duration::from_millis(20));
        has("rollcall_roll_calls_total{result=\"committed\"} 1");
        has("rollcall_last_roll_call_timestamp_seconds 1790000000.5");
        has("rollcall_present 7");
        has("rollcall_clients 9");
        has("rollcall_channels 3");
        has("rollcall_events_total{result=\"announced\"} 4");
        has("rollcall_events_total{result=\"dropped\"} 5");
        has("rollcall_roll_call_duration_seconds_bucket{le=\"0.01\"} 0");
        has("rollcall_roll_call_duration_seconds_bucket{le=\"0.025\"} 1");
        has("rollcall_roll_call_duration_seconds_count 1");
        // The last numbers stay where nothing newer is known.
        metrics.roll_call(&RollCallReport::default(), false, Duration::from_secs(9));
        has("rollcall_roll_calls_total{result=\"failed\"} 1");
        has("rollcall_present 7");
        has("rollcall_last_roll_call_timestamp_seconds 1790000000.5");
        // Whoever else committed it, they are there.
        let seen = Seen { channels: 3, present: 8, clients: 9 };
        let superseded = RollCallReport { committed: 0, superseded: 3, seen, ..report };
        metrics.roll_call(&superseded, true, Duration::ZERO);
        has("rollcall_roll_calls_total{result=\"superseded\"} 1");
        has("rollcall_present 8");
        let nothing = RollCallReport::default();
        metrics.roll_call(&nothing, true, Duration::ZERO);
        has("rollcall_roll_calls_total{result=\"committed\"} 2");
    }
}
