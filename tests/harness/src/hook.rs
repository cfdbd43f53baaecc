//! A receiver of webhooks, which verifies them by the library of the standard.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::ports::HOST;

/// What becomes of a message.
#[derive(Clone, Debug)]
pub enum Reception {
    /// A status.
    Status(u16),
    /// A status, with so many bytes of headers.
    LongHead(u16, usize),
    /// Sent on to another address.
    Redirect(String),
    /// Taken after that time.
    Slow(Duration),
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Message {
    /// `webhook-id`
    pub id: String,
    /// `webhook-timestamp`, in seconds.
    pub timestamp: u64,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body.
    pub body: Value,
    /// Why it is not signed as it should be.
    pub forged: Option<String>,
}

impl Message {
    /// Reads a message, and verifies that it was signed with that secret.
    pub fn read(secret: &str, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
        let verifier = standardwebhooks::Webhook::new(secret);
        let verified = verifier.and_then(|verifier| verifier.verify(body, headers));
        Self {
            id: text(standardwebhooks::HEADER_WEBHOOK_ID).unwrap_or_default(),
            timestamp: text(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP)
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            authorization: text(header::AUTHORIZATION.as_str()),
            body: serde_json::from_slice(body).unwrap_or_default(),
            forged: verified.err().map(|error| error.to_string()),
        }
    }
}

/// The receiver. Ends when dropped.
#[derive(Debug)]
pub struct Hook {
    port: u16,
    received: Arc<Mutex<Vec<Message>>>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Desk {
    received: Arc<Mutex<Vec<Message>>>,
    receive: Arc<dyn Fn(usize) -> Reception + Send + Sync>,
}

impl Hook {
    /// A secret as the standard wants it.
    pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// Starts one on a free port, where `receive` decides of each message, by how many came before.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start(
        receive: impl Fn(usize) -> Reception + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind((HOST, 0)).await.context("no free port")?;
        let SocketAddr::V4(address) = listener.local_addr()? else {
            unreachable!("{HOST} is IPv4")
        };
        let received = Arc::default();
        let desk = Desk { received: Arc::clone(&received), receive: Arc::new(receive) };
        let router = Router::new().route("/hooks/presence", post(take)).with_state(desk);
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { port: address.port(), received, server })
    }

    /// Where to send.
    pub fn url(&self) -> String {
        format!("http://{HOST}:{}/hooks/presence", self.port)
    }

    /// The messages so far, whatever became of them.
    pub fn received(&self) -> Vec<Message> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let message = Message::read(Hook::SECRET, &headers, &body);
    let before = {
        let mut received = desk.received.lock().unwrap_or_else(PoisonError::into_inner);
        received.push(message);
        received.len() - 1
    };
    let status = |status| StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_IMPLEMENTED);
    match (desk.receive)(before) {
        Reception::Status(answer) => status(answer).into_response(),
        Reception::LongHead(answer, bytes) => {
            (status(answer), [("x-long", "x".repeat(bytes))]).into_response()
        }
        Reception::Redirect(to) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
        }
        Reception::Slow(time) => {
            tokio::time::sleep(time).await;
            StatusCode::NO_CONTENT.into_response()
        }
    }
}
