//! How failures are told to whoever reads the log.

use std::fmt;

use store::Error;

/// Longest name in a log, in characters: as long as Centrifugo lets one be.
const NAME_MAX: usize = 255;

/// Tells that a channel can't be read. It is named once, and in the text alone: the name is whatever a stranger asked for.
pub(crate) fn unreadable(channel: &str, error: &Error) {
    tracing::error!("Channel {} can't be read: {error}", Quoted(channel));
}

/// A name in quotation marks, on one line, and cut where it is long.
struct Quoted<'n>(&'n str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(NAME_MAX) {
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_bounded_length() {
        let quoted = |name: &str| Quoted(name).to_string();
        assert_eq!(quoted("room:1"), "\"room:1\"");
        assert_eq!(quoted("a\nERROR \"b\"\u{1b}[0m"), r#""a\nERROR \"b\"\u{1b}[0m""#);
        assert_eq!(quoted(&"ü".repeat(255)), format!("\"{}\"", "ü".repeat(255)));
        assert_eq!(quoted(&"ü".repeat(256)), format!("\"{}\"…", "ü".repeat(255)));
    }
}
