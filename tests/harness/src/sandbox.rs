//! A function's binary in a sandbox: Lambda's Runtime API, which can't be had on one's own machine, played by a small
//! server. It hands out one event at a time and takes one answer for each, as AWS documents it ("Using the Lambda
//! runtime API"); it does not freeze, limit memory or bill.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::ports::HOST;
use crate::{Process, now_seconds, scratch};

/// The longest that an invocation may take.
const BOUND: Duration = Duration::from_secs(70);
/// The timeout that the function is told.
const TIMEOUT_SECONDS: u64 = 58;

/// What became of an invocation.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// The function's answer.
    Response(Value),
    /// The function's error.
    Error {
        /// Its stable name.
        error_type: String,
        /// Its line.
        message: String,
    },
}

/// A function's process and the runtime it talks to; ended when dropped.
#[derive(Debug)]
pub struct Sandbox {
    process: Process,
    events: mpsc::UnboundedSender<Value>,
    answers: mpsc::UnboundedReceiver<Answered>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Runtime {
    events: Arc<Mutex<mpsc::UnboundedReceiver<Value>>>,
    answers: mpsc::UnboundedSender<Answered>,
}

impl Sandbox {
    /// Starts `program` with `variables` alone (and `PATH`).
    ///
    /// # Errors
    /// It can't be started.
    pub async fn start(program: &Path, variables: &BTreeMap<String, String>) -> Result<Self> {
        let listener = TcpListener::bind((HOST, 0)).await.context("no free port")?;
        let address = listener.local_addr()?;
        let (events, waiting) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let runtime = Runtime { events: Arc::new(Mutex::new(waiting)), answers: answered };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(runtime);
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(variables)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128");
        let process = Process::start("function", &scratch("sandbox")?, command)?;
        Ok(Self { process, events, answers, server })
    }

    /// Hands out an event; [`Sandbox::answer`] waits for what becomes of it.
    pub fn send(&self, event: Value) {
        let _ = self.events.send(event);
    }

    /// The answer to the next event that has none yet.
    ///
    /// # Errors
    /// The function ends, or takes more than 70 seconds.
    pub async fn answer(&mut self) -> Result<Answered> {
        let Self { process, answers, .. } = self;
        let answered =
            process.until(BOUND, "the function answers", async || answers.try_recv().ok());
        answered.await
    }

    /// Hands out an event and gives the response.
    ///
    /// # Errors
    /// The function ends, fails or takes more than 70 seconds.
    pub async fn invoke(&mut self, event: Value) -> Result<Value> {
        self.send(event);
        match self.answer().await? {
            Answered::Response(response) => Ok(response),
            Answered::Error { error_type, message } => bail!("{error_type}: {message}"),
        }
    }

    /// Its process, for faults and for its log.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(runtime): State<Runtime>) -> Response {
    match runtime.events.lock().await.recv().await {
        Some(event) => {
            let deadline = (now_seconds() + TIMEOUT_SECONDS) * 1000;
            let headers = [
                (
                    "lambda-runtime-aws-request-id",
                    "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
                ),
                ("lambda-runtime-deadline-ms", deadline.to_string()),
                (
                    "lambda-runtime-invoked-function-arn",
                    "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
                ),
            ];
            (headers, event.to_string()).into_response()
        }
        None => StatusCode::GONE.into_response(),
    }
}

async fn response(State(runtime): State<Runtime>, body: Bytes) -> StatusCode {
    let value = serde_json::from_slice(&body).unwrap_or_default();
    let _ = runtime.answers.send(Answered::Response(value));
    StatusCode::ACCEPTED
}

async fn error(State(runtime): State<Runtime>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let header =
        headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    let error_type = match text("errorType") {
        named if named.is_empty() => header.unwrap_or_default().to_owned(),
        named => named,
    };
    let _ = runtime.answers.send(Answered::Error { error_type, message: text("errorMessage") });
    StatusCode::ACCEPTED
}
