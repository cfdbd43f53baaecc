//! `GET /v1/presence/{channel}` and what lies below it.

use std::sync::Arc;

use ::presence::Visibility;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::badge::{self, Label};
use crate::caching::{self, Public};
use crate::guard::signed_in;
use crate::memory::{Answer, What};
use crate::problem::Problem;
use crate::query;
use crate::snapshot::Snapshot;

const JSON: &str = "application/json";

/// A channel in a path, as axum decodes it.
type Channel = Result<Path<String>, PathRejection>;

/// The public view.
pub(crate) async fn view(
    State(snapshot): State<Arc<Snapshot>>,
    channel: Channel,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let what = snapshot.public();
    let (answer, _) = kept(&snapshot, channel, what).await?;
    Ok(public(&snapshot, what, answer).respond(&headers))
}

/// The members view: public, or for those who are signed in.
pub(crate) async fn members(
    State(snapshot): State<Arc<Snapshot>>,
    channel: Channel,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match snapshot.scope.visibility {
        Visibility::Members => {
            let (answer, _) = kept(&snapshot, channel, What::Members).await?;
            Ok(public(&snapshot, What::Members, answer).respond(&headers))
        }
        Visibility::Counts => {
            let answer = async {
                signed_in(&snapshot, &headers).await?;
                let (answer, _) = kept(&snapshot, channel, What::Members).await?;
                Ok::<_, Problem>(([(header::CONTENT_TYPE, JSON)], answer.body))
            };
            // Whatever it is, an error too: it is meant for this token alone.
            let mut response = answer.await.into_response();
            let private = HeaderValue::from_static(caching::PRIVATE);
            response.headers_mut().insert(header::CACHE_CONTROL, private);
            Ok(response)
        }
    }
}

/// How many were present in each minute of a day.
pub(crate) async fn history(
    State(snapshot): State<Arc<Snapshot>>,
    channel: Channel,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (answer, _) = kept(&snapshot, channel, What::History).await?;
    Ok(public(&snapshot, What::History, answer).respond(&headers))
}

/// An image with the number. One that stands in a page must be drawn, so where nothing is kept it says so.
pub(crate) async fn badge(
    State(snapshot): State<Arc<Snapshot>>,
    channel: Channel,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let svg = "image/svg+xml";
    let label = Label::new(query::value(&uri, "label")?);
    let label = label.ok_or(Problem::BadRequest("A label has at most 64 printable characters."))?;
    let (answer, channel) = match kept(&snapshot, channel, What::Counts).await {
        Err(Problem::NoSnapshot { .. }) => {
            return Ok(caching::brief(svg, badge::svg(&label, None)));
        }
        kept => kept?,
    };
    let present = badge::present(&answer.body).map_err(|error| {
        tracing::error!(channel, "Channel `{channel}` can't be read: {error}");
        Problem::StoreUnavailable
    })?;
    let body = badge::svg(&label, Some(present));
    let tag = caching::entity_tag(answer.taken_at, "badge");
    let answer = Answer { body, ..answer };
    Ok(Public { content_type: svg, tag, ..public(&snapshot, What::Counts, answer) }
        .respond(&headers))
}

/// What is kept of the channel in a path, and the channel's name.
async fn kept(
    snapshot: &Snapshot,
    channel: Channel,
    what: What,
) -> Result<(Answer, String), Problem> {
    let Path(channel) = channel
        .map_err(|_| Problem::BadRequest("The channel must be UTF-8, percent-encoded once."))?;
    let answer = snapshot.kept(snapshot.watched(&channel)?, what).await?;
    match answer {
        Some(answer) => Ok((answer, channel)),
        None => Err(Problem::NoSnapshot { live: snapshot.scope.live(&channel) }),
    }
}

/// An answer that everybody may see.
fn public(snapshot: &Snapshot, what: What, Answer { taken_at, body }: Answer) -> Public {
    let kind = match what {
        What::Counts => "counts",
        What::Members => "members",
        What::History => "history",
    };
    Public {
        content_type: JSON,
        tag: caching::entity_tag(taken_at, kind),
        fresh_for: caching::fresh_for(taken_at, snapshot.scope.period, snapshot.now()),
        body,
    }
}
