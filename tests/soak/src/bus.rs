//! EventBridge by moto, and a webhook, behind a door that can refuse some of what comes: moto never does.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use harness::{Moto, http_client};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::hook::{Inbox, PATH};

/// What the door does with entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Takes all.
    Nothing,
    /// Refuses every other entry.
    Some,
    /// Refuses each entry.
    All,
    /// Refuses the whole call, as EventBridge does who is asked too much.
    Call,
}

/// The door; it ends when dropped.
pub(crate) struct Door {
    port: u16,
    shared: Shared,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Shared {
    refusal: Arc<Mutex<Refusal>>,
    refused: Arc<Mutex<u64>>,
    /// Messages that came so far.
    messages: Arc<Mutex<usize>>,
    inbox: Inbox,
    moto: String,
    http: reqwest::Client,
}

impl Door {
    pub(crate) async fn before(moto: &Moto) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
        let port = listener.local_addr()?.port();
        let shared = Shared {
            refusal: Arc::new(Mutex::new(Refusal::Nothing)),
            refused: Arc::default(),
            messages: Arc::default(),
            inbox: Inbox::default(),
            moto: moto.url(),
            http: http_client()?,
        };
        let router =
            Router::new().route(PATH, post(hear)).fallback(pass).with_state(shared.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { port, shared, server })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn refuse(&self, refusal: Refusal) {
        *self.shared.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    /// What the webhook took since the last call, as events.
    pub(crate) fn heard(&self) -> Vec<Value> {
        self.shared.inbox.take()
    }

    /// Entries and calls that were refused so far.
    pub(crate) fn refused(&self) -> u64 {
        *self.shared.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn refuses(&self, place: usize) -> bool {
        let refusal = *self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        let refuses = match refusal {
            Refusal::Nothing => false,
            Refusal::Some => place % 2 == 1,
            Refusal::All | Refusal::Call => true,
        };
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) += u64::from(refuses);
        refuses
    }
}

async fn hear(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let place = {
        let mut messages = shared.messages.lock().unwrap_or_else(PoisonError::into_inner);
        *messages += 1;
        *messages
    };
    if shared.refuses(place) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    shared.inbox.put(&headers, &body);
    StatusCode::NO_CONTENT
}

async fn pass(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    match answer(&shared, &headers, &body).await {
        Ok((status, answer)) => {
            let kind = [("content-type", "application/x-amz-json-1.1")];
            (status, kind, answer.to_string()).into_response()
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

async fn answer(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<(StatusCode, Value)> {
    let refusal = *shared.refusal.lock().unwrap_or_else(PoisonError::into_inner);
    if refusal == Refusal::Call {
        shared.refuses(0);
        let error = json!({"__type": "ThrottlingException", "message": "Rate exceeded"});
        return Ok((StatusCode::BAD_REQUEST, error));
    }
    let mut request: Value = serde_json::from_slice(body)?;
    let entries = request["Entries"].as_array().cloned().unwrap_or_default();
    let verdicts: Vec<bool> = (0..entries.len()).map(|place| shared.refuses(place)).collect();
    let taken: Vec<Value> = entries
        .into_iter()
        .zip(&verdicts)
        .filter_map(|(entry, refused)| (!refused).then_some(entry))
        .collect();
    let mut ids = Vec::new();
    if !taken.is_empty() {
        request["Entries"] = taken.into();
        let mut call = shared.http.post(&shared.moto).body(request.to_string());
        for name in ["authorization", "x-amz-target", "content-type"] {
            if let Some(value) = headers.get(name) {
                call = call.header(name, value);
            }
        }
        let text = call.send().await?.error_for_status()?.text().await?;
        let answer: Value = serde_json::from_str(&text)?;
        ids = answer["Entries"].as_array().cloned().unwrap_or_default();
    }
    let mut ids = ids.into_iter();
    let failure = json!({"ErrorCode": "InternalFailure", "ErrorMessage": "refused at the door"});
    let entries: Vec<Value> = verdicts
        .iter()
        .map(|refused| if *refused { failure.clone() } else { ids.next().unwrap_or_default() })
        .collect();
    let n_failed = verdicts.iter().filter(|refused| **refused).count();
    Ok((StatusCode::OK, json!({"FailedEntryCount": n_failed, "Entries": entries})))
}
