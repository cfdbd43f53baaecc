//! Errors as RFC 9457 problems. The texts are fixed: what went wrong inside goes to the log, never into an answer.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use presence::Live;

use crate::caching::{BRIEF, PRIVATE};

/// Why there is no answer as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// What is wrong with the request, for whoever wrote it.
    BadRequest(&'static str),
    /// Whose token is wanted.
    Unauthorized(&'static str),
    UnknownChannel,
    /// Nothing is kept. A page that wants to be counted learns here where the socket is: a channel that is watched by a
    /// glob has no view until somebody is in it.
    NoSnapshot {
        live: Option<Live>,
    },
    NotFound,
    MethodNotAllowed,
    StoreUnavailable,
    /// Nobody can tell whether the token is good.
    KeysUnavailable,
    Internal,
}

impl Problem {
    /// Status, stable code, title and detail.
    fn parts(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::BadRequest(detail) => {
                (StatusCode::BAD_REQUEST, "bad_request", "Bad request", detail)
            }
            Self::Unauthorized(detail) => {
                (StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized", detail)
            }
            Self::UnknownChannel => (
                StatusCode::NOT_FOUND,
                "unknown_channel",
                "Unknown channel",
                "This channel is not watched.",
            ),
            Self::NoSnapshot { .. } => (
                StatusCode::NOT_FOUND,
                "no_snapshot",
                "No snapshot",
                "This channel is watched, but nothing is known of it now.",
            ),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "not_found", "Not found", "There is no such resource.")
            }
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
                "Only GET, HEAD and OPTIONS are.",
            ),
            Self::StoreUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "Store unavailable",
                "What is kept can't be read now. Try again in a few seconds.",
            ),
            Self::KeysUnavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "keys_unavailable",
                "Keys unavailable",
                "Tokens can't be verified now. Try again in a few seconds.",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Internal error",
                "Something went wrong here.",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title, detail) = self.parts();
        let mut body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail, "code": code});
        if let Self::NoSnapshot { live: Some(live) } = &self {
            body["live"] = json!(live);
        }
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::CONTENT_TYPE, "application/problem+json");
        set(header::CACHE_CONTROL, if status == StatusCode::NOT_FOUND { BRIEF } else { PRIVATE });
        match self {
            // RFC 9110 wants a challenge with each 401. No browser knows this scheme, so none asks for a password.
            Self::Unauthorized(_) => set(header::WWW_AUTHENTICATE, "X-Rollcall-Token"),
            Self::MethodNotAllowed => set(header::ALLOW, "GET, HEAD, OPTIONS"),
            Self::StoreUnavailable | Self::KeysUnavailable => set(header::RETRY_AFTER, "5"),
            _ => None,
        };
        response
    }
}
