//! A Redis with views, and the routes before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, request};
use harness::Redis;
use http_api::{Config, Reader, routes};
use presence::Views;
use serde_json::Value;
use store::{Commit, Patience, Store};
use token::Verifier;
use tokio::time::Instant;
use tower::ServiceExt as _;

/// When the kept roll calls were taken.
pub(crate) const TAKEN_AT: u64 = 1_790_000_000_000;
/// What time it is at first: 20 s later.
pub(crate) const NOW: u64 = TAKEN_AT + 20_000;

/// Records as they stand in a view.
pub(crate) const PEAK: &str = "{\"today\":{\"present\":7,\"at\":1789999990000},\"ever\":{\"present\":2000000,\"at\":1780000000000}}";

const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(500),
    total: Duration::from_millis(550),
    waits: None,
};

pub(crate) struct Stage {
    pub(crate) redis: Redis,
    pub(crate) routes: Router,
    clock: Arc<AtomicU64>,
    store: Store,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Stage {
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        let redis = Redis::start().await.unwrap();
        let url = redis.url();
        Self::before(redis, &[variables, &[("REDIS_URL", &url)]].concat())
    }

    /// The routes before a Redis that runs.
    pub(crate) fn before(redis: Redis, variables: &[(&str, &str)]) -> Self {
        let given = [("WATCH_CHANNELS", "site:main,room:*")];
        // The first of a name counts.
        let variables = [variables, &given].concat();
        let lookup = settings::from_pairs(&variables);
        let mut reader = settings::Reader::new(&lookup);
        let config = Config::read(&mut reader).zip(store::Config::read(&mut reader));
        let (config, at) = reader.finish(config).unwrap();
        let store = |at| Store::new(at, PATIENCE, Arc::new(|| NOW)).unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tokens = config.tokens.clone().map(|tokens| Verifier::new(tokens).unwrap());
        let clock = Arc::new(AtomicU64::new(NOW));
        let now = Arc::clone(&clock);
        let now = Arc::new(move || now.load(Ordering::Relaxed));
        let routes = routes(Reader::new(config.scope, store(&at), tokens, now));
        // What a collector keeps, it keeps as a user of its own.
        let own = [("REDIS_URL", redis.url())];
        let lookup = settings::from_pairs(&own);
        let at = store::Config::read(&mut settings::Reader::new(&lookup)).unwrap();
        Self { redis, routes, clock, store: store(&at) }
    }

    /// Lets time pass.
    pub(crate) fn later(&self, milliseconds: u64) {
        self.clock.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Keeps views that tell who wrote them.
    pub(crate) async fn keep(&self, channel: &str) -> Views {
        let views = Views {
            counts: "{\"counts\":{\"of\":\"ü\"}}".into(),
            members: "{\"members\":[\"ü\"]}".into(),
        };
        self.keep_views(channel, TAKEN_AT, 1, &views).await;
        views
    }

    /// Keeps views with all that the other routes read out of them.
    pub(crate) async fn take(&self, channel: &str, taken_at: u64, present: u64) -> Views {
        let start = format!(
            "{{\"v\":1,\"channel\":\"{channel}\",\"taken_at\":{taken_at},\"present\":{present},\"peak\":{PEAK}"
        );
        let views = Views {
            counts: format!("{start}}}"),
            members: format!("{start},\"members\":[],\"truncated\":false,\"recent\":[]}}"),
        };
        self.keep_views(channel, taken_at, present, &views).await;
        views
    }

    /// Keeps any views.
    pub(crate) async fn keep_views(
        &self,
        channel: &str,
        taken_at: u64,
        present: u64,
        views: &Views,
    ) {
        let kept = self.store.ledgers(&[channel]).await.unwrap().pop().unwrap().unwrap();
        let head = taken_at.to_string();
        let commit = Commit {
            channel,
            taken_at,
            views,
            compared_with: &kept.head,
            head: head.as_bytes(),
            users: b"",
            present,
            events: None,
            is_forgotten: false,
        };
        let outcomes = self.store.commit(&[commit], taken_at, Duration::from_secs(3600)).await;
        outcomes[0].as_ref().unwrap();
    }

    /// How many commands Redis is sent because of these requests.
    pub(crate) async fn commands_for(&self, requests: impl AsyncFnOnce()) -> u64 {
        let count = async || {
            let stats: String = self.redis.command(&["INFO", "stats"]).await.unwrap();
            let mut lines = stats.lines();
            let count = lines.find_map(|line| line.strip_prefix("total_commands_processed:"));
            count.unwrap().parse::<u64>().unwrap()
        };
        let first = count().await;
        let before = count().await;
        requests().await;
        let own = before - first;
        count().await - before - own
    }

    /// The answer where Redis gives none, and how long that was waited for, by a clock that passes only while all else
    /// waits: a busy machine makes it no longer. A Redis that does answer loses against this clock, since it is none of
    /// what the clock waits for.
    pub(crate) async fn get_in_vain(&self, path: &str) -> (Answer, Duration) {
        tokio::time::pause();
        let start = Instant::now();
        let answer = self.get(path).await;
        let waited = start.elapsed();
        tokio::time::resume();
        (answer, waited)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request).await
    }

    /// Asks with a header that is no text.
    pub(crate) async fn ask_with(&self, path: &str, name: &str, value: HeaderValue) -> Answer {
        self.answer(Request::builder().uri(path).header(name, value)).await
    }

    async fn answer(&self, request: request::Builder) -> Answer {
        let request = request.body(Body::empty()).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that this is the problem with that status and code.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let caching =
            if status == 404 { "public, max-age=0, s-maxage=5" } else { "private, no-store" };
        assert_eq!(self.header("cache-control"), caching);
        assert_eq!(self.header("access-control-allow-origin"), "*");
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!((&problem["code"], &problem["status"]), (&code.into(), &status.into()));
    }
}
