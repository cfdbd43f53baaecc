//! The lines for a pipe: one below the other, in columns, without colour.

use std::fmt::Write as _;

use super::line::{Line, State};

/// The lines, and below them how many there are of each state.
pub(super) fn text(lines: &[Line]) -> String {
    let what = width(lines, |line| line.what);
    let of = width(lines, |line| &line.of);
    let mut text = String::new();
    for line in lines {
        let state = word(line.state);
        // A String takes whatever is written to it.
        let _ = writeln!(text, "{state:<8} {:what$}  {:of$}  {}", line.what, line.of, line.says);
        if let Some(change) = &line.change {
            let _ = writeln!(text, "         change: {change}");
        }
        if let Some(see) = line.see {
            let _ = writeln!(text, "         see: {}", see.place());
        }
    }
    text + &sum(lines) + "\n"
}

/// How a state is written.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Wrong => "wrong",
        State::Skipped => "skipped",
    }
}

/// How many lines there are of each state: `2 wrong, 1 warn, 14 ok`.
pub(super) fn sum(lines: &[Line]) -> String {
    let states = [State::Wrong, State::Warn, State::Ok, State::Skipped];
    let counts =
        states.map(|state| (word(state), lines.iter().filter(|line| line.state == state).count()));
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    counts.map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

fn width<'l>(lines: &'l [Line], of: impl Fn(&'l Line) -> &'l str) -> usize {
    lines.iter().map(|line| of(line).chars().count()).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::see::See;
    use super::*;

    #[test]
    fn lines_stand_in_columns() {
        let lines = [
            Line::ok("redis.connection", "127.0.0.1:6379", "answers"),
            Line::wrong("tokens", "SECRET", "is another one").change("set it", See::GUESTS),
        ];
        let expected = "\
ok       redis.connection  127.0.0.1:6379  answers
wrong    tokens            SECRET          is another one
         change: set it
         see: docs/CENTRIFUGO.md#guests
1 wrong, 1 ok
";
        assert_eq!(text(&lines), expected);
    }
}
