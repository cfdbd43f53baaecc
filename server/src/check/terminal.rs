//! The lines for somebody who looks at them: grouped, in colour, as wide as the terminal.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use super::line::{self, Line, State};
use super::plain;

/// Where a line is hard to read, however wide the terminal is.
const WIDEST: usize = 110;
/// Where nothing fits, however narrow it is.
const NARROWEST: usize = 40;
/// Columns of a thing's name: as the longest.
const NAME: usize = 10;

/// What is to be written to.
pub(super) struct Terminal {
    width: usize,
    has_colour: bool,
}

/// Lines that say the same of several things are one here.
struct Row<'l> {
    line: &'l Line,
    of: String,
}

impl Terminal {
    /// The terminal that standard output is, if it is one. With `NO_COLOR` set it has no colour (no-color.org).
    pub(super) fn at_hand(variables: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let output = std::io::stdout();
        if !output.is_terminal() {
            return None;
        }
        let width = rustix::termios::tcgetwinsize(&output).map_or(0, |size| size.ws_col);
        let width = if width == 0 { 80 } else { usize::from(width).clamp(NARROWEST, WIDEST) };
        let is_set = |name: &str| variables(name).is_some_and(|text| !text.is_empty());
        let is_dumb = variables("TERM").is_some_and(|text| text == "dumb");
        Some(Self { width, has_colour: !is_set("NO_COLOR") && !is_dumb })
    }

    /// The lines, and below them how many there are of each state.
    pub(super) fn text(&self, lines: &[Line]) -> String {
        let mut text = String::new();
        let mut group = "";
        for row in rows(lines) {
            let name = row.line.what.split_once('.').map_or("", |(_, name)| name);
            if line::group(row.line.what) != group {
                group = line::group(row.line.what);
                let _ = writeln!(text, "\n{}", self.painted("1", title(group)));
            }
            self.row(&mut text, &row, name);
        }
        let colour =
            if lines.iter().any(|line| line.state == State::Wrong) { "1;31" } else { "1;32" };
        let _ = writeln!(text, "\n{}", self.painted(colour, &plain::sum(lines)));
        text
    }

    /// `  ✓ presence   room: is on`, and below it what to change.
    fn row(&self, text: &mut String, row: &Row<'_>, name: &str) {
        let (sign, colour) = match row.line.state {
            State::Ok => ("✓", "32"),
            State::Warn => ("!", "33"),
            State::Wrong => ("✗", "1;31"),
            State::Skipped => ("-", "2"),
        };
        let name = if name.is_empty() { String::new() } else { format!("{name:NAME$} ") };
        let indent = 4 + name.len();
        let head = format!("  {} {}", self.painted(colour, sign), self.painted("2", &name));
        for (index, part) in
            self.wrapped(&format!("{}: {}", row.of, row.line.says), indent).iter().enumerate()
        {
            let said = match row.line.state {
                State::Skipped => self.painted("2", part),
                _ => part.clone(),
            };
            let _ = match index {
                0 => writeln!(text, "{head}{said}"),
                _ => writeln!(text, "{:indent$}{said}", ""),
            };
        }
        if let Some(change) = &row.line.change {
            for (index, part) in self.wrapped(change, indent + 2).iter().enumerate() {
                let arrow = if index == 0 { self.painted(colour, "→") } else { " ".to_owned() };
                let _ = writeln!(text, "{:indent$}{arrow} {part}", "");
            }
        }
        if let Some(see) = row.line.see {
            let _ = writeln!(text, "{:indent$}  {}", "", self.painted("2", see.place()));
        }
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        let is_plain = !self.has_colour || text.is_empty();
        if is_plain { text.to_owned() } else { format!("\x1b[{colour}m{text}\x1b[0m") }
    }

    /// Text broken between words so that it fits behind an indent; a word that is longer stands alone.
    fn wrapped(&self, text: &str, indent: usize) -> Vec<String> {
        let room = self.width.saturating_sub(indent);
        let mut parts: Vec<String> = Vec::new();
        for word in text.split(' ') {
            match parts.last_mut() {
                Some(part) if part.chars().count() + 1 + word.chars().count() <= room => {
                    part.push(' ');
                    part.push_str(word);
                }
                _ => parts.push(word.to_owned()),
            }
        }
        parts
    }
}

fn rows(lines: &[Line]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for line in lines {
        let same = rows.iter_mut().find(|row| {
            let of = |line: &Line| (line.what, line.state, line.says.clone());
            line.change.is_none() && of(row.line) == of(line)
        });
        match same {
            Some(row) => {
                row.of.push_str(", ");
                row.of.push_str(&line.of);
            }
            None => rows.push(Row { line, of: line.of.clone() }),
        }
    }
    rows
}

fn title(group: &str) -> &str {
    match group {
        "variables" => "Variables",
        "redis" => "Redis",
        "centrifugo" => "Centrifugo",
        "tokens" => "Tokens",
        "visitor" => "What visitors may do",
        "webhook" => "Webhook",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::see::See;
    use super::*;

    fn lines() -> [Line; 4] {
        [
            Line::ok("centrifugo.presence", "site", "is on"),
            Line::ok("centrifugo.presence", "team", "is on"),
            Line::wrong("centrifugo.presence", "room", "is off").change(
                "set `\"presence\": true` in the namespace `room` of Centrifugo's configuration",
                See::CONFIGURATION,
            ),
            Line::skipped("webhook.send", "example.com", "nothing was sent"),
        ]
    }

    #[test]
    fn what_is_the_same_of_several_is_one_row_and_long_rows_are_broken() {
        let expected = "
Centrifugo
  ✓ presence   site, team: is on
  ✗ presence   room: is off
               → set `\"presence\": true` in the namespace
                 `room` of Centrifugo's configuration
                 docs/CENTRIFUGO.md#a-configuration-complete

Webhook
  - send       example.com: nothing was sent

1 wrong, 2 ok, 1 skipped
";
        assert_eq!(Terminal { width: 60, has_colour: false }.text(&lines()), expected);
    }

    #[test]
    fn colour_changes_nothing_else() {
        let coloured = Terminal { width: 60, has_colour: true }.text(&lines());
        let mut bare = String::new();
        let mut parts = coloured.split("\x1b[");
        bare.push_str(parts.next().unwrap());
        for part in parts {
            bare.push_str(part.split_once('m').unwrap().1);
        }
        assert_eq!(bare, Terminal { width: 60, has_colour: false }.text(&lines()));
        assert!(coloured.contains("\x1b[1;31m✗\x1b[0m"));
    }
}
