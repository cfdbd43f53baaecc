//! JSON strings of any origin.
//!
//! A name cut in the middle of an emoji arrives as `"\ud83d"`: half a surrogate pair, legal JSON but no Unicode text.
//! `serde_json` refuses it as a string and hands it out as bytes, so strings are read as bytes here and what is no
//! text becomes U+FFFD, as in browsers and in Go.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde_json::value::RawValue;

/// A JSON string, borrowed from the input where it holds no escapes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor)
    }
}

/// The text of a JSON string without escapes: it is what it looks like. `None` where it has any, or is no string.
pub(crate) fn plain(raw: &RawValue) -> Option<&str> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('\\')).then_some(inner)
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        // Next to all are text, which is seen at once; looking for what is not takes ten times as long.
        Ok(Text(
            std::str::from_utf8(bytes)
                .map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed),
        ))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(String::from_utf8_lossy(bytes).into_owned())))
    }

    // Keys of objects arrive as strings.
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_character() {
        let text: Text<'_> = serde_json::from_str(r#""Ann \ud83d""#).unwrap();
        assert!(text.0.starts_with("Ann ") && text.0.contains('\u{fffd}'), "{text:?}");
    }

    #[test]
    fn escapes_are_read_and_plain_text_is_borrowed() {
        let escaped: Text<'_> = serde_json::from_str(r#""\u003cb\u003e \u00fc""#).unwrap();
        assert_eq!(escaped.0, "<b> ü");
        let plain: Text<'_> = serde_json::from_str("\"ü\"").unwrap();
        assert!(matches!(plain.0, Cow::Borrowed("ü")));
    }
}
