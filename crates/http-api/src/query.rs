//! Reads what is asked for after the `?`.

use axum::http::Uri;
use percent_encoding::percent_decode_str;

use crate::problem::Problem;

/// The value of a parameter; `None` where it is not there. What is not known is ignored.
///
/// # Errors
/// Where it stands there twice, or is not UTF-8.
pub(crate) fn value(uri: &Uri, name: &str) -> Result<Option<String>, Problem> {
    let parts = uri.query().unwrap_or_default().split('&');
    let mut values = parts.filter_map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (key == name).then_some(value)
    });
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::BadRequest("A parameter may be given once only."));
    }
    let value = value.replace('+', " ");
    let decoded = percent_decode_str(&value).decode_utf8();
    decoded
        .map(|text| Some(text.into_owned()))
        .map_err(|_| Problem::BadRequest("A parameter must be UTF-8, percent-encoded once."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_decoded_once() {
        let ask = |query: &str| {
            let uri: Uri = format!("/v1/presence?{query}").parse().unwrap();
            value(&uri, "channels").ok()
        };
        for (query, text) in [
            ("channels=a,b", "a,b"),
            ("x=1&channels=a%2Cb&y", "a,b"),
            ("channels=%C3%BC+1", "ü 1"),
            ("channels=%2541", "%41"),
            ("channels=a=b", "a=b"),
            ("channels=100%", "100%"),
            ("channels", ""),
        ] {
            assert_eq!(ask(query), Some(Some(text.to_owned())), "{query}");
        }
        assert_eq!(ask("channel=a&xchannels=b"), Some(None));
        assert_eq!(ask(""), Some(None));
        for bad in ["channels=a&channels=b", "channels=%ff"] {
            assert_eq!(ask(bad), None, "{bad}");
        }
    }
}
