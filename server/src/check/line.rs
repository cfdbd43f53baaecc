//! What was looked at, and how it stands.

use serde::Serialize;

use super::see::See;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It works, but perhaps not as meant.
    Warn,
    /// A roll call fails, or shows what it should not.
    Wrong,
    /// Not looked at; it says why.
    Skipped,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    /// What was looked at, e.g. `centrifugo.presence`.
    pub(super) what: &'static str,
    /// Of what: a namespace, an address, a variable.
    pub(super) of: String,
    pub(super) state: State,
    pub(super) says: String,
    /// What to change, where something is to be changed, and where that is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) see: Option<See>,
}

impl Line {
    pub(super) fn ok(what: &'static str, of: &str, says: impl Into<String>) -> Self {
        Self::new(what, of, State::Ok, says.into())
    }

    pub(super) fn skipped(what: &'static str, of: &str, says: impl Into<String>) -> Self {
        Self::new(what, of, State::Skipped, says.into())
    }

    pub(super) fn warn(what: &'static str, of: &str, says: impl Into<String>) -> Self {
        Self::new(what, of, State::Warn, says.into())
    }

    pub(super) fn wrong(what: &'static str, of: &str, says: impl Into<String>) -> Self {
        Self::new(what, of, State::Wrong, says.into())
    }

    /// The same line, with what to change.
    pub(super) fn change(mut self, change: impl Into<String>, see: See) -> Self {
        self.change = Some(in_one_line(&change.into()));
        self.see = Some(see);
        self
    }

    fn new(what: &'static str, of: &str, state: State, says: String) -> Self {
        let (of, says) = (in_one_line(of), in_one_line(&says));
        Self { what, of, state, says, change: None, see: None }
    }
}

/// Lines about the same stand together, and so do those of the same group, which is what stands before the point; in the
/// order in which the first of each came.
pub(super) fn in_order(mut lines: Vec<Line>) -> Vec<Line> {
    let order: Vec<&str> = lines.iter().map(|line| line.what).collect();
    let place = |what| order.iter().position(|other| *other == what);
    let of_group = |group| order.iter().position(|what| self::group(what) == group);
    lines.sort_by_key(|line| (of_group(group(line.what)), place(line.what)));
    lines
}

/// `redis.version` is of the group `redis`.
pub(super) fn group(what: &str) -> &str {
    what.split_once('.').map_or(what, |(group, _)| group)
}

/// Text that a server gave may hold what moves a terminal's cursor.
fn in_one_line(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_moves_no_cursor() {
        let line = Line::wrong("webhook", "a\nb", "\x1b[2Jgone").change("x\ry", See::WEBHOOK);
        assert_eq!((line.of.as_str(), line.says.as_str()), ("a b", " [2Jgone"));
        assert_eq!(line.change.as_deref(), Some("x y"));
    }

    #[test]
    fn lines_about_the_same_stand_together() {
        let line = |what, of| Line::ok(what, of, "");
        let came = [("b.x", "1"), ("a", "2"), ("b.y", "3"), ("b.x", "4")];
        let lines = in_order(came.map(|(what, of)| line(what, of)).to_vec());
        let order: Vec<&str> = lines.iter().map(|line| line.of.as_str()).collect();
        assert_eq!(order, ["1", "4", "3", "2"]);
    }
}
