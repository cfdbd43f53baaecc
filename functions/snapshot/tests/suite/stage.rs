//! A Redis with views, and the routes before it.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use harness::Redis;
use presence::Views;
use serde_json::Value;
use snapshot::{Config, Snapshot, routes};
use store::{Commit, Patience, Store};
use tower::ServiceExt as _;

/// When the kept roll calls were taken.
pub(crate) const TAKEN_AT: u64 = 1_790_000_000_000;
/// What time it is: 20 s later.
const NOW: u64 = TAKEN_AT + 20_000;

const PATIENCE: Patience = Patience {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(500),
    total: Duration::from_millis(550),
};

pub(crate) struct Stage {
    pub(crate) redis: Redis,
    pub(crate) routes: Router,
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
        let lookup = |name: &str| match name {
            "WATCH_CHANNELS" => Some("site:main,room:*".to_owned()),
            "REDIS_URL" => Some(url.clone()),
            _ => variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, text)| (*text).to_owned()),
        };
        let config = Config::read(&lookup).unwrap();
        let store = || Store::new(&config.store, PATIENCE, || NOW).unwrap();
        let routes = routes(Snapshot::new(config.scope.clone(), store(), || NOW));
        Self { redis, routes, store: store() }
    }

    pub(crate) async fn keep(&self, channel: &str) -> Views {
        let views = Views {
            counts: "{\"counts\":{\"of\":\"ü\"}}".into(),
            members: "{\"members\":[\"ü\"]}".into(),
        };
        let commit = Commit {
            channel,
            taken_at: TAKEN_AT,
            views: &views,
            compared_with: b"",
            head: b"head",
            users: b"",
            present: 1,
            events: &[],
        };
        self.store.commit(&[commit], NOW, Duration::from_secs(3600)).await.unwrap()[0]
            .as_ref()
            .unwrap();
        views
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response =
            self.routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
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
        assert_eq!(self.header("cache-control"), "private, no-store");
        assert_eq!(self.header("access-control-allow-origin"), "*");
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!((&problem["code"], &problem["status"]), (&code.into(), &status.into()));
    }
}
