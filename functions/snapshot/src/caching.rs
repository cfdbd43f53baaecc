//! Entity tags, conditional requests, and how long an edge may keep an answer.

use ::presence::{Millis, Period};
use axum::http::{HeaderMap, header};

/// The strong tag of a view: its roll call and its kind name the bytes.
pub(crate) fn entity_tag(taken_at: Millis, kind: &str) -> String {
    format!("\"{taken_at}-{kind}\"")
}

/// Whether the reader has these bytes already (RFC 9110, weak comparison: an edge that compresses weakens tags).
pub(crate) fn is_known(headers: &HeaderMap, entity_tag: &str) -> bool {
    let lists =
        headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    lists
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == entity_tag)
}

/// `Cache-Control` of a public view: the edge keeps it just until the next roll call is due, a second for the roll
/// call itself included. Browsers ask again each time, and are answered from the edge.
pub(crate) fn cache_control(taken_at: Millis, period: Period, now: Millis) -> String {
    let period = u64::from(period.seconds());
    let due = taken_at + (period + 1) * 1000;
    let fresh = due.saturating_sub(now).div_ceil(1000).clamp(1, period + 1);
    format!("public, max-age=0, s-maxage={fresh}, stale-while-revalidate=5, stale-if-error=3600")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use settings::Reader;

    fn period() -> Period {
        let lookup = |name: &str| (name == "WATCH_CHANNELS").then(|| "a".to_owned());
        ::presence::Scope::read(&mut Reader::new(&lookup)).unwrap().period
    }

    #[test]
    fn the_edge_keeps_a_view_until_the_next_one_is_due() {
        let kept_for = |now| {
            let header = cache_control(1_000_000, period(), now);
            header
                .split("s-maxage=")
                .nth(1)
                .unwrap()
                .split(',')
                .next()
                .unwrap()
                .parse::<u64>()
                .unwrap()
        };
        assert_eq!(kept_for(1_000_000), 61);
        assert_eq!(kept_for(1_000_001), 61, "rounded up");
        assert_eq!(kept_for(1_060_000), 1);
        assert_eq!(kept_for(9_000_000), 1, "an old view is asked for each second");
        assert_eq!(kept_for(0), 61, "a clock behind the collector's keeps nothing longer");
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
        for other in ["\"7-members\"", "7-counts", "", "W/", "\"7-counts"] {
            assert!(!known(other), "{other}");
        }
    }
}
