//! `GET /v1/health`: whether Redis answers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::caching::PRIVATE;
use crate::problem::Problem;
use crate::reader::Reader;

pub(crate) async fn health(State(reader): State<Arc<Reader>>) -> Result<Response, Problem> {
    match reader.store.ping().await {
        Ok(()) => {
            let about =
                [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, PRIVATE)];
            Ok((about, "{\"status\":\"ok\"}").into_response())
        }
        Err(error) => {
            tracing::error!("Redis does not answer: {error}");
            Err(Problem::StoreUnavailable)
        }
    }
}
