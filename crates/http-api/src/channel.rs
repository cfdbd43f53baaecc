//! `GET /v1/presence/{channel}` and what lies below it.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use scope::Visibility;

use crate::answer::{Answer, Kind};
use crate::badge::{self, Label};
use crate::caching::{self, Public};
use crate::headers::Headers;
use crate::problem::Problem;
use crate::reader::Reader;
use crate::{guard, log, query};

const JSON: &str = "application/json";

/// A channel in a path, as axum decodes it.
type Channel = Result<Path<String>, PathRejection>;

/// The public view.
pub(crate) async fn view(
    State(reader): State<Arc<Reader>>,
    channel: Channel,
    Headers(headers): Headers,
) -> Result<Response, Problem> {
    let channel = watched(&reader, channel)?;
    let kind = Kind::View(reader.public(&channel));
    let answer = kept(&reader, &channel, kind).await?;
    Ok(public(&reader, kind, answer).respond(&headers))
}

/// The members view: public, or for those whom their token lets in.
pub(crate) async fn members(
    State(reader): State<Arc<Reader>>,
    channel: Channel,
    Headers(headers): Headers,
) -> Result<Response, Problem> {
    // That a channel is not watched is told before any token is looked at, and so to everybody alike: an edge may keep it.
    let channel = watched(&reader, channel)?;
    if reader.scope.visibility(&channel) == Visibility::Members {
        let answer = kept(&reader, &channel, Kind::MEMBERS).await?;
        return Ok(public(&reader, Kind::MEMBERS, answer).respond(&headers));
    }
    let answer = async {
        guard::let_in(&reader, &headers, &channel).await?;
        let answer = kept(&reader, &channel, Kind::MEMBERS).await?;
        Ok::<_, Problem>(([(header::CONTENT_TYPE, JSON)], answer.body))
    };
    // Whatever it is, an error too: it is meant for this token alone.
    let mut response = answer.await.into_response();
    let private = HeaderValue::from_static(caching::PRIVATE);
    response.headers_mut().insert(header::CACHE_CONTROL, private);
    Ok(response)
}

/// How many were present in each minute of a day.
pub(crate) async fn history(
    State(reader): State<Arc<Reader>>,
    channel: Channel,
    Headers(headers): Headers,
) -> Result<Response, Problem> {
    let channel = watched(&reader, channel)?;
    let answer = kept(&reader, &channel, Kind::History).await?;
    Ok(public(&reader, Kind::History, answer).respond(&headers))
}

/// An image with the number. One that stands in a page must be drawn, so where nothing is kept it says so.
pub(crate) async fn badge(
    State(reader): State<Arc<Reader>>,
    channel: Channel,
    uri: Uri,
    Headers(headers): Headers,
) -> Result<Response, Problem> {
    let svg = "image/svg+xml";
    let label = Label::new(query::value(&uri, "label")?);
    let label = label.ok_or(Problem::BadRequest("A label has at most 64 printable characters."))?;
    let channel = watched(&reader, channel)?;
    let answer = match kept(&reader, &channel, Kind::COUNTS).await {
        Err(Problem::NoSnapshot { .. }) => {
            return Ok(caching::brief(svg, badge::svg(&label, None)));
        }
        kept => kept?,
    };
    let present = badge::present(&answer.body).map_err(|error| {
        log::unreadable(&channel, &error);
        Problem::StoreUnavailable
    })?;
    let body = badge::svg(&label, Some(present));
    let tag = caching::entity_tag(answer.taken_at, "badge");
    let answer = Answer { body, ..answer };
    Ok(Public { content_type: svg, tag, ..public(&reader, Kind::COUNTS, answer) }.respond(&headers))
}

/// The channel in a path, which must be watched.
fn watched(reader: &Reader, channel: Channel) -> Result<String, Problem> {
    let Path(channel) = channel
        .map_err(|_| Problem::BadRequest("The channel must be UTF-8, percent-encoded once."))?;
    reader.watched(&channel)?;
    Ok(channel)
}

/// What is kept of a watched channel.
async fn kept(reader: &Reader, channel: &str, kind: Kind) -> Result<Answer, Problem> {
    let answer = reader.kept(channel, kind).await?;
    answer.ok_or_else(|| Problem::NoSnapshot { live: reader.scope.live(channel) })
}

/// An answer that everybody may see.
fn public(reader: &Reader, kind: Kind, Answer { taken_at, body }: Answer) -> Public {
    Public {
        content_type: JSON,
        tag: caching::entity_tag(taken_at, kind.name()),
        fresh_for: caching::fresh_for(taken_at, reader.scope.period, reader.now()),
        body,
    }
}
