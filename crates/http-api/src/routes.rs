//! Which path leads where.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt as _;

use crate::problem::Problem;
use crate::reader::Reader;
use crate::{channel, health, many};

/// All routes.
pub fn routes(reader: impl Into<Arc<Reader>>) -> Router {
    Router::new()
        .route("/v1/presence", get(many::views))
        .route("/v1/presence/{channel}", get(channel::view))
        .route("/v1/presence/{channel}/members", get(channel::members))
        .route("/v1/presence/{channel}/history", get(channel::history))
        .route("/v1/presence/{channel}/badge.svg", get(channel::badge))
        .route("/v1/health", get(health::health))
        .fallback(|| async { Problem::NotFound })
        .layer(middleware::from_fn(every_answer))
        .with_state(reader.into())
}

/// What all paths have in common: any page may ask, without credentials, and preflights are answered; nothing can be
/// changed; a fault of ours is a problem like any other.
async fn every_answer(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        Problem::MethodNotAllowed.into_response()
    } else {
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        answer.unwrap_or_else(|_| {
            tracing::error!("a request was not answered: see the panic before this line");
            Problem::Internal.into_response()
        })
    };
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

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_fault_of_ours_is_a_problem_that_tells_nothing() {
        #[expect(clippy::panic, reason = "the fault")]
        async fn fault() {
            panic!("something internal");
        }
        let routes = Router::new().route("/", get(fault)).layer(middleware::from_fn(every_answer));
        let response = routes.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["cache-control"], "private, no-store");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("\"code\":\"internal\"") && !body.contains("something"), "{body}");
    }
}
