//! `GET /v1/presence?channels=a,b`: the public views of several channels.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use crate::answer::Answer;
use crate::caching::{self, Public};
use crate::problem::Problem;
use crate::query;
use crate::reader::Reader;

/// Most channels in a request.
const CHANNELS_MAX: usize = 50;
const JSON: &str = "application/json";

pub(crate) async fn views(
    State(reader): State<Arc<Reader>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let list = query::value(&uri, "channels")?.unwrap_or_default();
    let asked: Vec<&str> = list.split(',').collect();
    if asked.len() > CHANNELS_MAX || asked.contains(&"") {
        return Err(Problem::BadRequest("`channels` lists 1 to 50 names, with commas between."));
    }
    let mut channels: Vec<&str> = Vec::new();
    for channel in asked {
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    let watched: Vec<&str> =
        channels.iter().copied().filter(|channel| reader.watched(channel).is_ok()).collect();
    let mut kept = reader.public_views(&watched).await?;
    let views: Vec<(&str, Option<Answer>)> =
        channels.into_iter().map(|channel| (channel, kept.remove(channel))).collect();

    let body = body(&views);
    let taken_at = views.iter().filter_map(|(_, view)| Some(view.as_ref()?.taken_at));
    let Some(oldest) = taken_at.min() else { return Ok(caching::brief(JSON, body.into())) };
    let answer = Public {
        content_type: JSON,
        tag: tag(&views),
        fresh_for: caching::fresh_for(oldest, reader.scope.period, reader.now()),
        body: body.into(),
    };
    Ok(answer.respond(&headers))
}

/// The views as they are, by their names.
fn body(views: &[(&str, Option<Answer>)]) -> Vec<u8> {
    let mut body = b"{\"v\":1,\"channels\":{".to_vec();
    for (index, (channel, view)) in views.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(serde_json::Value::from(*channel).to_string().as_bytes());
        body.push(b':');
        body.extend_from_slice(view.as_ref().map_or(b"null", |view| &view.body));
    }
    body.extend_from_slice(b"}}");
    body
}

/// The roll calls of all views in their order: together they name the bytes.
fn tag(views: &[(&str, Option<Answer>)]) -> String {
    let roll_call = |(_, view): &(&str, Option<Answer>)| match view {
        Some(view) => view.taken_at.to_string(),
        None => "-".to_owned(),
    };
    format!("\"{}\"", views.iter().map(roll_call).collect::<Vec<_>>().join("."))
}
