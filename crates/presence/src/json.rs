//! JSON that is put together from parts which are JSON already: serde would read each of them once more.

use std::fmt::Write as _;

use serde::Serialize;

/// More bytes than most values of plain fields take.
const PLAIN: usize = 512;

/// A value of plain fields as JSON.
#[expect(clippy::expect_used, reason = "text keys and plain values always have a form in JSON")]
pub(crate) fn to_json(value: &impl Serialize) -> String {
    let mut json = Vec::with_capacity(PLAIN);
    serde_json::to_writer(&mut json, value).expect("plain values can be written");
    String::from_utf8(json).expect("JSON is text")
}

/// Appends a text as a JSON string.
pub(crate) fn push_text(json: &mut String, text: &str) {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        json.extend(["\"", text, "\""]);
    } else {
        json.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// Appends a number.
pub(crate) fn push_number(json: &mut String, number: u64) {
    // A String takes whatever is written to it.
    let _ = write!(json, "{number}");
}

/// Appends a list of what `push` appends for each item.
pub(crate) fn push_list<T>(json: &mut String, items: &[T], push: impl Fn(&T, &mut String)) {
    json.push('[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        push(item, json);
    }
    json.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_as_serde_does() {
        for text in
            ["", "Ann", "ü🦀", "a\"b", "a\\b", "line\nbreak", "\u{1}", "\u{7f}", "</script>"]
        {
            let mut json = String::new();
            push_text(&mut json, text);
            assert_eq!(json, serde_json::to_string(text).unwrap());
        }
    }
}
