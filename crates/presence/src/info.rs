//! What of a client's info may be shown.
//!
//! `conn_info` and `chan_info` are JSON of any type and of any origin: the site's token service wrote them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Number, Value};

use crate::text::Text;

/// Longest shown text, in Unicode characters.
const TEXT_MAX: usize = 256;
/// Longest shown URL, in Unicode characters.
const URL_MAX: usize = 2048;
/// Fields whose value is a URL.
const URL_FIELDS: [&str; 2] = ["avatar", "url"];

/// The names of the fields that may be shown, in the order in which they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InfoFields(Vec<String>);

/// The shown part of a client's info: a JSON object of strings, numbers and booleans, `{}` where nothing may be shown.
#[derive(Debug, Clone, Default)]
pub struct Info(Option<Box<RawValue>>);

impl InfoFields {
    /// The fields of a comma list such as `name,avatar,url`.
    pub fn parse(list: &str) -> Self {
        let mut fields: Vec<String> = Vec::new();
        for field in list.split(',').map(str::trim).filter(|field| !field.is_empty()) {
            if !fields.iter().any(|known| known == field) {
                fields.push(field.to_owned());
            }
        }
        Self(fields)
    }

    /// The shown part of `raw`: the named fields that hold a string, a number or a boolean.
    /// A text is cut at 256 characters; `avatar` and `url` must be http(s) and at most 2,048 characters.
    pub fn shown(&self, raw: &RawValue) -> Info {
        let Ok(fields) = serde_json::from_str::<BTreeMap<Text<'_>, &RawValue>>(raw.get()) else {
            return Info::default();
        };
        let shown: Vec<(&str, Value)> = self
            .0
            .iter()
            .filter_map(|name| {
                let value = fields.get(name.as_str())?;
                Some((name.as_str(), shown_value(name, value)?))
            })
            .collect();
        if shown.is_empty() {
            return Info::default();
        }
        Info(to_raw_value(&InOrder(&shown)).ok())
    }
}

impl Info {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The object as JSON text.
    pub fn as_json(&self) -> &str {
        self.0.as_ref().map_or("{}", |raw| raw.get())
    }
}

impl Serialize for Info {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(raw) => raw.serialize(serializer),
            None => Map::new().serialize(serializer),
        }
    }
}

/// An object whose fields keep their order.
struct InOrder<'a>(&'a [(&'a str, Value)]);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn shown_value(name: &str, raw: &RawValue) -> Option<Value> {
    if URL_FIELDS.contains(&name) {
        let Text(url) = serde_json::from_str(raw.get()).ok()?;
        return is_web_url(&url).then(|| Value::String(url.into_owned()));
    }
    match raw.get().as_bytes().first()? {
        b'"' => {
            let Text(text) = serde_json::from_str(raw.get()).ok()?;
            Some(Value::String(text.chars().take(TEXT_MAX).collect()))
        }
        b't' => Some(Value::Bool(true)),
        b'f' => Some(Value::Bool(false)),
        b'-' | b'0'..=b'9' => serde_json::from_str::<Number>(raw.get()).ok().map(Value::Number),
        _ => None,
    }
}

/// Whether a text is an http(s) URL that is fit to be put into a page.
fn is_web_url(url: &str) -> bool {
    let after = |scheme: &str| {
        let start = url.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &url[scheme.len()..])
    };
    let rest = after("https://").or_else(|| after("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
        && !url.contains(|character: char| character.is_whitespace() || character.is_control())
        && url.chars().count() <= URL_MAX
}

/// Whether `raw` is an object that says `"hidden": true`.
pub(crate) fn says_hidden(raw: &RawValue) -> bool {
    let json = raw.get();
    // Most infos do not hold the word; only an escape could spell the key in another way.
    if !json.contains("hidden") && !json.contains('\\') {
        return false;
    }
    serde_json::from_str::<Hidden>(json).is_ok_and(|Hidden(hidden)| hidden)
}

struct Hidden(bool);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HiddenVisitor)
    }
}

struct HiddenVisitor;

impl<'de> Visitor<'de> for HiddenVisitor {
    type Value = Hidden;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Hidden, A::Error> {
        // Of several equal keys any that hides counts: who asked to be hidden once is not shown by mistake.
        let mut hidden = false;
        while let Some(Text(key)) = map.next_key()? {
            if key == "hidden" {
                hidden |= map.next_value::<&RawValue>()?.get() == "true";
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Hidden(hidden))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> String {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        InfoFields::parse("name,avatar,url,age,vip").shown(&raw).as_json().to_owned()
    }

    #[test]
    fn only_named_fields_of_plain_types_are_shown() {
        assert_eq!(
            shown(r#"{"vip":true,"email":"a@b.c","age":7.5,"name":"Ann","url":{"x":1}}"#),
            r#"{"name":"Ann","age":7.5,"vip":true}"#
        );
        for nothing in [r#"{"name":["Ann"],"age":null}"#, "[1]", "\"text\"", "null", "7"] {
            assert_eq!(shown(nothing), "{}", "{nothing}");
        }
    }

    #[test]
    fn a_long_name_is_cut_by_characters_and_html_stays_text() {
        let name = "ü".repeat(10_000);
        assert_eq!(
            shown(&format!(r#"{{"name":"{name}"}}"#)),
            format!(r#"{{"name":"{}"}}"#, "ü".repeat(256))
        );
        assert_eq!(shown(r#"{"name":"\u003cb\u003e&\"\n"}"#), r#"{"name":"<b>&\"\n"}"#);
    }

    #[test]
    fn only_web_urls_pass() {
        for good in ["https://example.com/a.png", "HTTP://[::1]:8/x"] {
            assert_eq!(
                shown(&format!(r#"{{"avatar":"{good}"}}"#)),
                format!(r#"{{"avatar":"{good}"}}"#)
            );
        }
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for bad in [
            "javascript:alert(1)",
            "//example.com",
            "data:image/png,x",
            "https://",
            "https:///x",
            "https://a b",
            &long,
        ] {
            assert_eq!(shown(&format!(r#"{{"avatar":"{bad}"}}"#)), "{}", "{bad}");
        }
        assert_eq!(shown(r#"{"url":7}"#), "{}");
    }

    #[test]
    fn a_number_that_nobody_can_hold_is_dropped() {
        assert_eq!(shown(r#"{"age":1e999,"name":"Ann"}"#), r#"{"name":"Ann"}"#);
    }

    #[test]
    fn hidden_is_json_true_under_that_key_however_spelled() {
        let hidden = |json: &str| says_hidden(&RawValue::from_string(json.to_owned()).unwrap());
        assert!(hidden(r#"{"name":"Ann","hidden":true}"#));
        assert!(hidden(r#"{"\u0068idden": true , "x":{}}"#));
        assert!(hidden(r#"{"hidden":true,"hidden":false}"#));
        assert!(hidden(r#"{"bad\ud800":1,"hidden":true}"#));
        for shown in [
            r#"{"hidden":"true"}"#,
            r#"{"hidden":1}"#,
            r#"{"x":{"hidden":true}}"#,
            r#"["hidden",true]"#,
            "\"hidden\"",
        ] {
            assert!(!hidden(shown), "{shown}");
        }
    }
}
