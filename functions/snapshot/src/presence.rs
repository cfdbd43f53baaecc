//! `GET /v1/presence/{channel}`: the public view.

use std::sync::Arc;

use ::presence::Visibility;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::ViewKind;

use crate::caching::{cache_control, entity_tag, is_known};
use crate::problem::Problem;
use crate::routes::Snapshot;

pub(crate) async fn view(
    State(snapshot): State<Arc<Snapshot>>,
    channel: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(channel) = channel.map_err(|_| Problem::BadRequest)?;
    if !snapshot.scope.watch.contains(&channel) {
        return Err(Problem::UnknownChannel);
    }
    let kind = match snapshot.scope.visibility {
        Visibility::Members => ViewKind::Members,
        Visibility::Counts => ViewKind::Counts,
    };
    let kept = snapshot.store.view(&channel, kind).await.map_err(|error| {
        tracing::error!(channel, "Channel `{channel}` can't be read: {error}");
        Problem::StoreUnavailable
    })?;
    let kept = kept.ok_or_else(|| Problem::NoSnapshot { live: snapshot.scope.live(&channel) })?;

    let tag = entity_tag(kept.taken_at, kind.name());
    let status = if is_known(&headers, &tag) { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let caching = cache_control(kept.taken_at, snapshot.scope.period, (snapshot.now)());
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, caching)];
    Ok(if status == StatusCode::NOT_MODIFIED {
        (status, about).into_response()
    } else {
        (status, about, [(header::CONTENT_TYPE, "application/json")], kept.view).into_response()
    })
}
