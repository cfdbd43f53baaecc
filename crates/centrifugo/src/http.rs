//! One call of the server API.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;

use crate::body::{Bodies, Body};
use crate::config::Config;
use crate::error::Error;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// Longest silence while an answer is awaited or read.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);
/// So many waits in a row end for nothing before Centrifugo is given up for the rest of a roll call.
const WAITS: u32 = 3;
/// Wait before the one repetition.
const PAUSE: Duration = Duration::from_millis(100);

/// Talks to one Centrifugo. Cheap to clone; the connections are shared.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    config: Config,
    body_max: usize,
    bodies: Bodies,
    /// Waits in a row that ended for nothing.
    waited: Arc<AtomicU32>,
    /// How long the last list of channels took, in milliseconds; none was had at first.
    pub(crate) list_took: Arc<AtomicU64>,
}

impl Client {
    /// Most bytes of one answer: the presence of a million clients.
    pub const BODY_MAX: usize = 256 * 1024 * 1024;

    /// A client that takes answers of up to `body_max` bytes ([`Self::BODY_MAX`] but for tests).
    /// A provider for rustls must have been installed.
    ///
    /// # Errors
    /// Where TLS can't be set up.
    pub fn new(config: Config, body_max: usize) -> Result<Self, Error> {
        let http = certificates::client()
            .connect_timeout(CONNECT)
            // The key would follow a redirect to wherever it points.
            .redirect(reqwest::redirect::Policy::none())
            // Lambda freezes between roll calls; a connection kept that long is dead more often than not.
            .pool_idle_timeout(Duration::from_secs(10))
            .build()
            .map_err(Error::from_reqwest)?;
        let bodies = Bodies::new(body_max / 4);
        let list_took = Arc::new(AtomicU64::new(u64::MAX));
        Ok(Self { http, config, body_max, bodies, waited: Arc::default(), list_took })
    }

    /// Asks Centrifugo again where it was given up: a new roll call begins.
    pub fn take_heart(&self) {
        self.waited.store(0, Ordering::Relaxed);
    }

    /// Does something, once more where it failed in passing: reads are safe, and a publication carries an idempotency key.
    /// After three waits in a row that ended for nothing nobody is asked any more.
    pub(crate) async fn once_more<T>(
        &self,
        attempt: impl AsyncFn() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let attempt = async || {
            if self.waited.load(Ordering::Relaxed) >= WAITS {
                return Err(Error::GivenUp(WAITS));
            }
            let outcome = attempt().await;
            match outcome {
                Err(Error::TimedOut) => self.waited.fetch_add(1, Ordering::Relaxed),
                _ => self.waited.swap(0, Ordering::Relaxed),
            };
            outcome
        };
        twice(attempt).await
    }

    /// Calls `method` with `body`, which is JSON, and gives the body of the answer. It may be silent for so long, and take so
    /// long in all.
    pub(crate) async fn call(
        &self,
        method: &str,
        body: Bytes,
        silence: Duration,
        within: Duration,
    ) -> Result<Body, Error> {
        let request = self
            .http
            .post(format!("{}/{method}", self.config.api_url))
            .header("x-api-key", self.config.api_key.clone())
            .header("content-type", "application/json")
            .timeout(within)
            .body(body);
        let mut response = unless_silent(silence, request.send()).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(Error::KeyRefused),
            status @ (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
                return Err(Error::NoApi(status.as_u16()));
            }
            status => return Err(Error::Status(status.as_u16())),
        }
        let mut bytes = self.bodies.take();
        while let Some(chunk) = unless_silent(silence, response.chunk()).await? {
            if bytes.len() + chunk.len() > self.body_max {
                return Err(Error::TooLarge(self.body_max));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Body::of(bytes, &self.bodies))
    }
}

async fn unless_silent<T>(
    silence: Duration,
    wait: impl Future<Output = reqwest::Result<T>>,
) -> Result<T, Error> {
    match tokio::time::timeout(silence, wait).await {
        Ok(outcome) => outcome.map_err(Error::from_reqwest),
        Err(_) => Err(Error::TimedOut),
    }
}

/// Tries once more what failed in passing.
pub(crate) async fn twice<T>(attempt: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    match attempt().await {
        Err(error) if error.is_transient() => {
            tokio::time::sleep(PAUSE).await;
            attempt().await
        }
        outcome => outcome,
    }
}

/// Reads an answer, or tells that it can't be read.
pub(crate) fn read<'a, T: serde::Deserialize<'a>>(json: &'a str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(malformed)
}

/// The message of `serde_json` may quote what it read: somebody's name. Its kind and place say enough.
pub(crate) fn malformed(error: serde_json::Error) -> Error {
    let kind = match error.classify() {
        serde_json::error::Category::Data => "unexpected shape",
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "no JSON",
    };
    Error::Malformed(format!("{kind} (line {}, column {})", error.line(), error.column()))
}
