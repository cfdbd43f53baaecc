//! The server that pages, scripts and the first view come from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// It serves one visit at a time; ends when dropped.
pub(super) struct Site {
    pub(super) port: u16,
    state: Arc<Served>,
    server: JoinHandle<()>,
}

struct Served {
    /// Gzipped, by file name.
    scripts: HashMap<String, Vec<u8>>,
    now: Mutex<Visited>,
}

/// What the next visitor gets.
#[derive(Debug, Clone, Default)]
pub(super) struct Visited {
    pub(super) html: String,
    pub(super) channel: String,
    pub(super) view: String,
}

impl Site {
    pub(super) async fn start(scripts: HashMap<String, Vec<u8>>) -> Result<Self> {
        let state = Arc::new(Served { scripts, now: Mutex::default() });
        let router = Router::new()
            .route("/", get(page))
            .route("/v1/presence/{channel}", get(presence))
            .route("/{script}", get(script))
            .with_state(Arc::clone(&state));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { port, state, server })
    }

    /// Has the next visitor see something else.
    pub(super) fn show(&self, visited: Visited) {
        *self.state.now.lock().unwrap_or_else(PoisonError::into_inner) = visited;
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Served {
    fn now(&self) -> Visited {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn page(State(served): State<Arc<Served>>) -> Html<String> {
    Html(served.now().html)
}

async fn presence(State(served): State<Arc<Served>>, Path(channel): Path<String>) -> Response {
    let now = served.now();
    if now.channel != channel {
        return StatusCode::NOT_FOUND.into_response();
    }
    ([(CONTENT_TYPE, "application/json")], now.view).into_response()
}

async fn script(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Response {
    match served.scripts.get(&name) {
        Some(gzipped) => {
            let headers = [(CONTENT_TYPE, "text/javascript"), (CONTENT_ENCODING, "gzip")];
            (headers, gzipped.clone()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
