//! What no byte that leaves may hold (I4), and no log (I8).

use crate::marks::{SHOWN, USER, VEILED};
use crate::violation::Violation;

/// Searches what leaves, and counts what it has searched.
pub(crate) struct Search {
    secrets: Vec<String>,
    pub(crate) n_bytes: u64,
}

impl Search {
    /// `secrets` are those of the servers.
    pub(crate) fn new(secrets: &[&str]) -> Self {
        Self { secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect(), n_bytes: 0 }
    }

    /// In something that may name users, but neither guests nor the hidden.
    pub(crate) fn public(&mut self, what: &str, text: &str) -> Option<Violation> {
        let secrets = self.secrets.iter().map(String::as_str).chain([VEILED]);
        let found = secrets.into_iter().find_map(|mark| excerpt(text, mark));
        self.n_bytes += text.len() as u64;
        found.map(|found| Violation::of("I4", format!("{what} shows what is hidden: {found}")))
    }

    /// In something that may name nobody: a log, a report.
    pub(crate) fn log(&mut self, what: &str, text: &str) -> Option<Violation> {
        // Every token begins with these letters.
        let secrets = self.secrets.iter().map(String::as_str);
        let marks = secrets.chain([VEILED, SHOWN, USER, "eyJ"]);
        let found = marks.into_iter().find_map(|mark| excerpt(text, mark));
        self.n_bytes += text.len() as u64;
        found.map(|found| Violation::of("I8", format!("{what} names a user or a secret: {found}")))
    }
}

/// The mark and what stands around it.
fn excerpt(text: &str, mark: &str) -> Option<String> {
    let place = text.find(mark)?;
    let from = text[..place].char_indices().rev().nth(80).map_or(0, |(from, _)| from);
    Some(text[from..].chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_log_is_found_and_in_a_view_only_a_hidden_one() {
        let mut search = Search::new(&["the-key"]);
        assert_eq!(search.public("a view", r#"{"id":"uid-1","info":{"name":"shown-1"}}"#), None);
        assert_eq!(search.public("a view", r#"{"name":"veiled-name-1"}"#).unwrap().promise, "I4");
        assert_eq!(search.log("a log", "Channel \"room:1\" failed"), None);
        for line in ["user uid-7", "name shown-7.0", "veiled-avatar-1", "the-key", "Bearer eyJhb"] {
            assert_eq!(search.log("a log", line).unwrap().promise, "I8", "{line}");
        }
        assert!(search.n_bytes > 100);
    }
}
