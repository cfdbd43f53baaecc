//! All that is served under one origin: the files, then the routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use http_api::Reader;

use crate::files::{self, Files};
use crate::metrics::{self, Metrics};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The router of the whole site.
pub(crate) fn site(reader: Arc<Reader>, files: Files, metrics: Arc<Metrics>) -> Router {
    http_api::routes(reader)
        .layer(from_fn_with_state(Arc::new(files), files::or_next))
        .layer(from_fn(as_the_cdn_does))
        .layer(from_fn_with_state(metrics, metrics::count))
}

/// What the CDN adds to every answer: types are what they are said to be, and a page that isolates itself may have them too.
async fn as_the_cdn_does(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    response
}
