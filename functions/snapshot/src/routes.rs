//! Which path leads where.

use std::sync::Arc;

use ::presence::{Millis, Scope};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use store::Store;

use crate::problem::Problem;
use crate::{health, presence};

/// What requests are answered from. One per sandbox; it holds the connection.
pub struct Snapshot {
    pub(crate) scope: Scope,
    pub(crate) store: Store,
    pub(crate) now: fn() -> Millis,
}

impl Snapshot {
    /// A snapshot with its collaborators; `now` reads the clock.
    pub fn new(scope: Scope, store: Store, now: fn() -> Millis) -> Self {
        Self { scope, store, now }
    }

    /// Makes the first connection to Redis; a failure is left to the first request to tell.
    pub async fn connect(&self) {
        if let Err(error) = self.store.ping().await {
            tracing::warn!("Redis does not answer at the start: {error}");
        }
    }
}

/// All routes.
pub fn routes(snapshot: Snapshot) -> Router {
    Router::new()
        .route("/v1/presence/{channel}", get(presence::view))
        .route("/v1/health", get(health::health))
        .fallback(|| async { Problem::NotFound })
        .method_not_allowed_fallback(|| async { Problem::MethodNotAllowed })
        .layer(middleware::from_fn(cors))
        .with_state(Arc::new(snapshot))
}

/// Any page may ask, without credentials. A preflight is answered here, for every path.
async fn cors(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    // Date and Age together tell a page what time it is here, also where an edge kept the answer.
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Date, Age");
    if preflight {
        set(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS");
        set(header::ACCESS_CONTROL_ALLOW_HEADERS, "X-Rollcall-Token, If-None-Match");
        set(header::ACCESS_CONTROL_MAX_AGE, "86400");
        set(header::ALLOW, "GET, HEAD, OPTIONS");
    }
    response
}
