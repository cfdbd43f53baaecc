//! A function's binary in a sandbox: Lambda's Runtime API, which can't be had on one's own machine, played by a small
//! server. It hands out one event at a time and takes one answer for each, as AWS documents it ("Using the Lambda
//! runtime API"); it does not freeze, limit memory or bill.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

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
    started: Instant,
    ready: Arc<OnceLock<Instant>>,
    events: mpsc::UnboundedSender<Value>,
    answers: mpsc::UnboundedReceiver<Timed>,
    server: JoinHandle<()>,
}

/// An answer, and how long it took from the event's hand-out to the answer's arrival.
type Timed = (Answered, Duration);

#[derive(Clone)]
struct Runtime {
    ready: Arc<OnceLock<Instant>>,
    events: Arc<Mutex<mpsc::UnboundedReceiver<Value>>>,
    answers: mpsc::UnboundedSender<Timed>,
    handed_out: Arc<Mutex<Option<Instant>>>,
}

impl Sandbox {
    /// Starts `program` with `variables` alone, `PATH`, and what Lambda sets: a function of 128 MB, unless they say otherwise.
    ///
    /// # Errors
    /// It can't be started.
    pub async fn start(program: &Path, variables: &BTreeMap<String, String>) -> Result<Self> {
        let listener = TcpListener::bind((HOST, 0)).await.context("no free port")?;
        let address = listener.local_addr()?;
        let (events, waiting) = mpsc::unbounded_channel();
        let (answered, answers) = mpsc::unbounded_channel();
        let ready = Arc::default();
        let runtime = Runtime {
            ready: Arc::clone(&ready),
            events: Arc::new(Mutex::new(waiting)),
            answers: answered,
            handed_out: Arc::default(),
        };
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
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .envs(variables);
        let folder = scratch("sandbox")?;
        let started = Instant::now();
        let process = Process::start("function", &folder, command)?;
        Ok(Self { process, started, ready, events, answers, server })
    }

    /// Waits until the function asks for its first event, and tells how long that took from its start.
    ///
    /// # Errors
    /// The function ends, or takes more than 70 seconds.
    pub async fn ready(&mut self) -> Result<Duration> {
        let Self { process, ready, started, .. } = self;
        let is_ready = async || ready.get().copied();
        let at = process.until(BOUND, "the function is ready", is_ready).await?;
        Ok(at.duration_since(*started))
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
        Ok(self.timed_answer().await?.0)
    }

    /// As [`Sandbox::answer`], with the time from the event's hand-out to the answer's arrival.
    ///
    /// # Errors
    /// As [`Sandbox::answer`].
    pub async fn timed_answer(&mut self) -> Result<(Answered, Duration)> {
        let Self { process, answers, .. } = self;
        // An answer wakes us at once; a process that has died is looked for now and then.
        let died = process.until(BOUND, "the function answers", async || None::<Infallible>);
        tokio::select! {
            biased;
            answer = answers.recv() => answer.context("the runtime has ended"),
            Err(error) = died => Err(error),
        }
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
    runtime.ready.get_or_init(Instant::now);
    match runtime.events.lock().await.recv().await {
        Some(event) => {
            let body = event.to_string();
            *runtime.handed_out.lock().await = Some(Instant::now());
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
            (headers, body).into_response()
        }
        None => StatusCode::GONE.into_response(),
    }
}

impl Runtime {
    async fn answer(&self, answered: impl FnOnce() -> Answered) {
        let taken = self.handed_out.lock().await.take().map(|at| at.elapsed());
        let _ = self.answers.send((answered(), taken.unwrap_or_default()));
    }
}

async fn response(State(runtime): State<Runtime>, body: Bytes) -> StatusCode {
    let read = || Answered::Response(serde_json::from_slice(&body).unwrap_or_default());
    runtime.answer(read).await;
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
    let error = || Answered::Error { error_type, message: text("errorMessage") };
    runtime.answer(error).await;
    StatusCode::ACCEPTED
}
