//! Entity tags, conditional requests, and how long an edge may keep an answer.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use presence::{Millis, Period};

/// `Cache-Control` of what is meant for one reader, and of errors.
pub(crate) const PRIVATE: &str = "private, no-store";

/// `Cache-Control` of a public answer that tells of nothing kept: the next roll call may change that, but a flood of
/// requests for it need not reach the function.
pub(crate) const BRIEF: &str = "public, max-age=0, s-maxage=5";

/// An answer that everybody may see and an edge may keep.
pub(crate) struct Public {
    pub(crate) content_type: &'static str,
    /// Names the bytes among all that this address ever answers.
    pub(crate) tag: String,
    /// Seconds until a newer one is due.
    pub(crate) fresh_for: u64,
    pub(crate) body: Bytes,
}

impl Public {
    /// The answer, without the body for a reader who has it.
    pub(crate) fn respond(self, headers: &HeaderMap) -> Response {
        let Self { content_type, tag, fresh_for, body } = self;
        let is_known = is_known(headers, &tag);
        // Browsers ask again each time, and are answered from the edge.
        let caching = format!(
            "public, max-age=0, s-maxage={fresh_for}, stale-while-revalidate=5, stale-if-error=3600"
        );
        let about = [(header::ETAG, tag), (header::CACHE_CONTROL, caching)];
        if is_known {
            (StatusCode::NOT_MODIFIED, about).into_response()
        } else {
            (about, [(header::CONTENT_TYPE, content_type)], body).into_response()
        }
    }
}

/// An answer that tells of nothing kept.
pub(crate) fn brief(content_type: &'static str, body: Bytes) -> Response {
    let about = [(header::CACHE_CONTROL, BRIEF), (header::CONTENT_TYPE, content_type)];
    (about, body).into_response()
}

/// The strong tag of what was made from one roll call: that and its kind name the bytes.
pub(crate) fn entity_tag(taken_at: Millis, kind: &str) -> String {
    format!("\"{taken_at}-{kind}\"")
}

/// Whether the reader has these bytes already (RFC 9110, weak comparison: an edge that compresses weakens tags).
pub fn is_known(headers: &HeaderMap, entity_tag: &str) -> bool {
    let lists =
        headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    lists
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == entity_tag)
}

/// How many seconds an edge may keep what was made from a roll call: until the next one is due, a second for the roll
/// call itself included.
pub(crate) fn fresh_for(taken_at: Millis, period: Period, now: Millis) -> u64 {
    let period = u64::from(period.seconds());
    let due = taken_at.saturating_add((period + 1) * 1000);
    due.saturating_sub(now).div_ceil(1000).clamp(1, period + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_edge_keeps_a_view_until_the_next_one_is_due() {
        let kept_for = |now| fresh_for(1_000_000, Period::default(), now);
        assert_eq!(kept_for(1_000_000), 61);
        assert_eq!(kept_for(1_000_001), 61, "rounded up");
        assert_eq!(kept_for(1_060_000), 1);
        assert_eq!(kept_for(9_000_000), 1, "an old view is asked for each second");
        assert_eq!(kept_for(0), 61, "a clock behind the collector's keeps nothing longer");
        assert_eq!(fresh_for(Millis::MAX, Period::default(), 0), 61);
    }

    #[test]
    fn tags_are_compared_weakly() {
        let known = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            is_known(&headers, "\"7-counts\"")
        };
        for same in ["\"7-counts\"", "W/\"7-counts\"", "\"x\", W/\"7-counts\" ,\"y\"", "*"] {
            assert!(known(same), "{same}");
        }
        for other in ["\"7-members\"", "7-counts", "", "W/", "\"7-counts", "w/\"7-counts\"", ",,,"]
        {
            assert!(!known(other), "{other}");
        }
    }
}
