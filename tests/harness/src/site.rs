//! The site as its visitors see it: the widget's files and the HTTP API under one origin.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{avatar, http_client, workspace};

/// What the CDN lets through to the function.
const PASSED: [&str; 2] = ["if-none-match", "x-rollcall-token"];

/// What belongs to one connection and is not passed on.
const HOP_BY_HOP: [header::HeaderName; 3] =
    [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH];

/// A server in the place of the CDN, on 127.0.0.1; ends when dropped.
///
/// - `/`: the files of `widget/dist`, then those of `widget/demo`;
/// - `/v1/…`: passed on to the snapshot function, answers unchanged (nothing is cached);
/// - `/avatars/{name}.svg`: an avatar drawn from the name;
/// - `/_requests`: what was passed on so far, as a JSON array of `METHOD path?query`.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Proxy {
    http: reqwest::Client,
    snapshot_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Serves on `port`; 0 is any free one.
    ///
    /// # Errors
    /// The port is in use.
    pub async fn start(port: u16, snapshot_url: &str) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .with_context(|| format!("cannot serve on port {port} of 127.0.0.1"))?;
        let address = listener.local_addr()?;
        let requests = Arc::default();
        let proxy = Proxy {
            http: http_client()?,
            snapshot_url: snapshot_url.to_owned(),
            requests: Arc::clone(&requests),
        };
        let router = router(proxy);
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, requests, server })
    }

    /// E.g. `http://127.0.0.1:40003`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was passed on to the function so far, as `METHOD path?query`.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn router(proxy: Proxy) -> Router {
    let widget = workspace::root().join("widget");
    let files = ServeDir::new(widget.join("dist")).fallback(ServeDir::new(widget.join("demo")));
    let fresh = SetResponseHeaderLayer::if_not_present(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache"),
    );
    let own = Router::new()
        .route("/avatars/{file}", get(draw))
        .route("/_requests", get(list))
        .fallback_service(files)
        .layer(fresh);
    Router::new()
        .route("/v1", any(pass))
        .route("/v1/{*path}", any(pass))
        .merge(own)
        .with_state(proxy)
}

async fn draw(Path(file): Path<String>) -> Response {
    match file.strip_suffix(".svg") {
        Some(name) => {
            ([(header::CONTENT_TYPE, "image/svg+xml")], avatar::svg(name)).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn list(State(proxy): State<Proxy>) -> Response {
    let requests = proxy.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let json = serde_json::Value::from(requests).to_string();
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let line = format!("{} {path}", parts.method);
    proxy.requests.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    let mut asked = proxy.http.request(parts.method, format!("{}{path}", proxy.snapshot_url));
    for name in PASSED {
        for value in parts.headers.get_all(name) {
            asked = asked.header(name, value);
        }
    }
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let answer = async {
        let mut answer = asked.body(body).send().await?;
        let status = answer.status();
        let mut headers = std::mem::take(answer.headers_mut());
        for name in HOP_BY_HOP {
            headers.remove(name);
        }
        Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
    };
    match answer.await {
        Ok((status, headers, body)) => respond(status, headers, body),
        Err(error) => (StatusCode::BAD_GATEWAY, format!("no answer from the function: {error}\n"))
            .into_response(),
    }
}

fn respond(status: StatusCode, headers: axum::http::HeaderMap, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
