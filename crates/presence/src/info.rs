//! What of a client's info may be shown.
//!
//! `conn_info` and `chan_info` are JSON of any type and of any origin: the site's token service wrote them. This runs
//! for every member at every roll call, so a text that needs no change is copied as it stands.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

use crate::json::push_text;
use crate::text::{self, Text};

/// Longest shown text, in Unicode characters.
const TEXT_MAX: usize = 256;
/// Longest shown URL, in Unicode characters.
const URL_MAX: usize = 2048;
/// Fields whose value is a URL.
const URL_FIELDS: [&str; 2] = ["avatar", "url"];

/// Part of each fingerprint. Another one, when [`InfoFields::shown`] changes what it gives: what was shown before an upgrade
/// is then looked at anew.
const RULES: u64 = 1;

/// The names of the fields that may be shown, in the order in which they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InfoFields {
    fields: Vec<Field>,
    /// Stands for these names in each fingerprint.
    key: u64,
}

/// Stands for an info and the fields that may be shown of it: where it is the same as before, so is what is shown. It is no
/// secret, and whoever makes two infos that share one has changed what is shown of themselves alone.
pub(crate) type Fingerprint = u64;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    /// `"name":`, as it stands in the object.
    key: String,
    is_url: bool,
}

/// The shown part of a client's info, as JSON text: an object of strings, numbers and booleans, or empty for `{}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Info(String);

impl InfoFields {
    /// The fields of a comma list such as `name,avatar,url`.
    pub fn parse(list: &str) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if fields.iter().all(|field| field.name != name) {
                let key = format!("{}:", serde_json::Value::from(name));
                let is_url = URL_FIELDS.contains(&name);
                fields.push(Field { name: name.to_owned(), key, is_url });
            }
        }
        let key = hash(RULES, list.as_bytes());
        Self { fields, key }
    }

    /// The shown part of `raw`: the named fields that hold a string, a number or a boolean.
    /// A text is cut at 256 characters; `avatar` and `url` must be http(s) and at most 2,048 characters.
    pub fn shown(&self, raw: &RawValue) -> Info {
        let mut json = String::with_capacity(raw.get().len());
        for (field, value) in self.fields.iter().zip(self.values(raw)) {
            let start = json.len();
            json.push(if start == 0 { '{' } else { ',' });
            json.push_str(&field.key);
            if value.and_then(|value| push_shown(&mut json, field, value)).is_none() {
                json.truncate(start);
            }
        }
        if !json.is_empty() {
            json.push('}');
        }
        Info(json)
    }

    /// The fingerprint of an info; never 0.
    pub(crate) fn fingerprint(&self, raw: &RawValue) -> Fingerprint {
        hash(self.key, raw.get().as_bytes()).max(1)
    }

    /// What is shown now of an info that was shown before, as its JSON text: the fields may be fewer.
    pub(crate) fn shown_still(&self, json: &str) -> Info {
        match serde_json::from_str(json) {
            Ok(raw) => self.shown(raw),
            Err(_) => Info::default(),
        }
    }

    /// The values of the fields in `raw`, which may be no object at all. Of equal keys the last one counts, as in JSON.parse.
    fn values<'a>(&self, raw: &'a RawValue) -> Vec<Option<&'a RawValue>> {
        let mut json = serde_json::Deserializer::from_str(raw.get());
        self.deserialize(&mut json).unwrap_or_default()
    }
}

/// Finds the fields in an object.
impl<'de> DeserializeSeed<'de> for &InfoFields {
    type Value = Vec<Option<&'de RawValue>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &InfoFields {
    type Value = Vec<Option<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = vec![None; self.fields.len()];
        while let Some(Text(key)) = map.next_key()? {
            match self.fields.iter().position(|field| field.name == key) {
                Some(index) => values[index] = Some(map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(values)
    }
}

fn hash(key: u64, bytes: &[u8]) -> u64 {
    ahash::RandomState::with_seeds(key, RULES, RULES, RULES).hash_one(bytes)
}

impl Info {
    /// One that was shown before, as its JSON text.
    pub(crate) fn of_shown(json: &str) -> Self {
        Self(json.to_owned())
    }

    /// The object as JSON text; empty where there is nothing to show.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object as JSON text.
    pub(crate) fn object(&self) -> &str {
        if self.0.is_empty() { "{}" } else { &self.0 }
    }
}

/// Appends the value as it may be shown; `None` where it may not be.
fn push_shown(json: &mut String, field: &Field, raw: &RawValue) -> Option<()> {
    let raw_text = raw.get();
    match raw_text.as_bytes().first()? {
        b'"' => {
            if let Some(plain) = text::plain(raw)
                && plain.len() <= TEXT_MAX
            {
                if field.is_url && !is_web_url(plain) {
                    return None;
                }
                json.push_str(raw_text);
                return Some(());
            }
            let Text(text) = serde_json::from_str(raw_text).ok()?;
            let text = match field.is_url {
                true if !is_web_url(&text) => return None,
                true => text,
                false => text.chars().take(TEXT_MAX).collect(),
            };
            push_text(json, &text);
        }
        _ if field.is_url => return None,
        b't' | b'f' => json.push_str(raw_text),
        b'-' | b'0'..=b'9' => {
            json.push_str(&serde_json::from_str::<Number>(raw_text).ok()?.to_string())
        }
        _ => return None,
    }
    Some(())
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
    // Most infos do not hold the word, nor an escape that could spell one of its letters (U+0064 to U+006E).
    if !json.contains("hidden") && !json.contains("\\u006") {
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
        InfoFields::parse("name,avatar,url,age,vip").shown(&raw).object().to_owned()
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
