//! The program in a sandbox, with or without a Redis.

use std::collections::BTreeMap;
use std::path::Path;

use harness::{Redis, Sandbox};
use serde_json::{Value, json};

/// What AWS sends for a request to a function URL.
const EVENT: &str = include_str!("../../../../tests/events/snapshot.json");

pub(crate) struct Stage {
    pub(crate) redis: Redis,
    pub(crate) sandbox: Sandbox,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let redis = Redis::start().await.unwrap();
        let variables = [("WATCH_CHANNELS", "room:*"), ("REDIS_URL", &redis.url())];
        let variables: BTreeMap<String, String> =
            variables.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let program = Path::new(env!("CARGO_BIN_EXE_snapshot"));
        let sandbox = Sandbox::start(program, &variables).await.unwrap();
        Self { redis, sandbox }
    }

    /// Keeps a members view.
    pub(crate) async fn keep(&self, channel: &str, view: &str) {
        let key = format!("rollcall:{{{channel}}}:view");
        let words = ["HSET", &key, "taken_at", "1790000000000", "members", view];
        let _: u64 = self.redis.command(&words).await.unwrap();
    }

    /// Status, code of the problem and body of the answer to a GET of this path and query as they are, which must be an
    /// answer.
    pub(crate) async fn get(&mut self, path: &str, query: &str) -> (u64, String, String) {
        let mut event: Value = serde_json::from_str(EVENT).unwrap();
        event["rawPath"] = json!(path);
        event["requestContext"]["http"]["path"] = json!(path);
        event["rawQueryString"] = json!(query);
        let answer = self.sandbox.invoke(event).await;
        assert!(answer.is_ok(), "{path:?} {query:?}: {answer:?}");
        let answer = answer.unwrap();
        let body = answer["body"].as_str().unwrap_or_default().to_owned();
        let problem: Value = serde_json::from_str(&body).unwrap_or_default();
        let code = problem["code"].as_str().unwrap_or_default().to_owned();
        (answer["statusCode"].as_u64().unwrap(), code, body)
    }
}
