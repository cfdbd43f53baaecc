//! `GET /v1/presence?channels=a,b`: the public views of several channels.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use crate::answer::Answer;
use crate::caching::{self, Public};
use crate::headers::Headers;
use crate::problem::Problem;
use crate::query;
use crate::reader::Reader;

/// Most channels in a request.
const CHANNELS_MAX: usize = 50;
/// Longest body. A function's answer may have 6 MB at AWS, and each quotation mark is escaped in it once more.
const BODY_MAX: usize = 4 * 1024 * 1024;
const JSON: &str = "application/json";

pub(crate) async fn views(
    State(reader): State<Arc<Reader>>,
    uri: Uri,
    Headers(headers): Headers,
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

    let (body, length) = body(&views);
    let views = &views[..length];
    let taken_at = views.iter().filter_map(|(_, view)| Some(view.as_ref()?.taken_at));
    let Some(oldest) = taken_at.min() else { return Ok(caching::brief(JSON, body.into())) };
    let answer = Public {
        content_type: JSON,
        tag: tag(views),
        fresh_for: caching::fresh_for(oldest, reader.scope.period, reader.now()),
        body: body.into(),
    };
    Ok(answer.respond(&headers))
}

/// The views as they are, by their names, and how many of them: the first that has no room ends it. Those that are left
/// out can be asked for alone, also where it is the very first.
fn body(views: &[(&str, Option<Answer>)]) -> (Vec<u8>, usize) {
    let end = b"}}";
    let mut body = b"{\"v\":1,\"channels\":{".to_vec();
    for (index, (channel, view)) in views.iter().enumerate() {
        let name = serde_json::Value::from(*channel).to_string();
        let view = view.as_ref().map_or(&b"null"[..], |view| &view.body);
        let comma = if index > 0 { "," } else { "" };
        let room = BODY_MAX - body.len() - end.len();
        if comma.len() + name.len() + ":".len() + view.len() > room {
            body.extend_from_slice(end);
            return (body, index);
        }
        for part in [comma.as_bytes(), name.as_bytes(), b":", view] {
            body.extend_from_slice(part);
        }
    }
    body.extend_from_slice(end);
    (body, views.len())
}

/// The roll calls of all views in their order: together they name the bytes, and by their number where it ends.
fn tag(views: &[(&str, Option<Answer>)]) -> String {
    let roll_call = |(_, view): &(&str, Option<Answer>)| match view {
        Some(view) => view.taken_at.to_string(),
        None => "-".to_owned(),
    };
    format!("\"{}\"", views.iter().map(roll_call).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_four_mebibytes_is_the_longest() {
        let view = |length| Some(Answer { taken_at: 1, body: vec![b'x'; length].into() });
        let around = body(&[("a", view(0)), ("b\"", view(0))]).0.len();
        for (over, length) in [(0, 2), (1, 1)] {
            let views = [("a", view(1000)), ("b\"", view(BODY_MAX - around - 1000 + over))];
            let (body, fits) = body(&views);
            assert_eq!(fits, length);
            assert!(body.len() <= BODY_MAX && body.ends_with(b"}}"), "{}", body.len());
            assert_eq!(body.len() == BODY_MAX, over == 0);
        }
        let one = [("a", view(BODY_MAX)), ("b", view(1))];
        assert_eq!(body(&one), (b"{\"v\":1,\"channels\":{}}".to_vec(), 0));
    }
}
