//! The pages that are visited: the same but for what shows the number.

use serde_json::{Value, json};

/// The line of CSS that the element's documents give against jumping pages.
const STILL: &str = "roll-call { display: block; height: 20em; overflow: auto; }";

/// A page goes on below, so that what jumps is seen to.
const AFTER: &str = "<p>What comes after it, line by line.</p>\n";

/// People in the view who are named.
const LISTED: u64 = 50;

/// Who shows the number, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The element.
    RollCall,
    /// One request.
    Bare,
    /// What a user would write.
    CentrifugeJs,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::RollCall, Self::Bare, Self::CentrifugeJs];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::RollCall => "roll-call",
            Self::Bare => "bare",
            Self::CentrifugeJs => "centrifuge-js",
        }
    }

    /// Whether it shows what comes later.
    pub(super) fn is_live(self) -> bool {
        self != Self::Bare
    }

    /// The page; `socket` is Centrifugo's address for its own library.
    pub(super) fn html(self, channel: &str, socket: &str) -> String {
        let name = self.name();
        let (style, body) = match self {
            Self::RollCall => (
                format!("<style>{STILL}</style>"),
                format!(r#"<roll-call channel="{channel}">Who is here?</roll-call>"#),
            ),
            Self::Bare | Self::CentrifugeJs => {
                let data = format!(r#"data-channel="{channel}" data-socket="{socket}""#);
                (String::new(), format!(r#"<p>Here now: <b id="number" {data}></b></p>"#))
            }
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>A page</title>\n\
             <link rel=\"icon\" href=\"data:,\">\n{style}\n\
             <script type=\"module\" src=\"/{name}.js\"></script>\n\
             <h1>A page</h1>\n{body}\n{}",
            AFTER.repeat(30)
        )
    }
}

/// What is kept and published of a channel in which so many are. `socket` is Centrifugo's address for the element.
pub(super) fn view(channel: &str, present: u64, taken_at: u64, socket: &str) -> Value {
    let members = (0..LISTED).map(|number| {
        json!({
            "id": (1000 + number).to_string(), "info": {"name": format!("Member No. {number}")},
            "clients": 1 + number % 2, "since": taken_at - 60_000 * (LISTED - number),
        })
    });
    let guests = present / 10;
    let peak = json!({"present": present, "at": taken_at});
    json!({
        "v": 1, "channel": channel, "taken_at": taken_at, "period": 60, "present": present,
        "users": present - guests, "guests": guests, "clients": present + present / 4,
        "peak": {"today": peak, "ever": peak},
        "live": {"url": socket, "channel": format!("presence:{channel}")},
        "members": members.collect::<Value>(), "truncated": true, "recent": [],
    })
}

/// A number of four digits as a page in English writes it.
pub(super) fn written(present: u64) -> String {
    format!("{},{:03}", present / 1000, present % 1000)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_line_of_css_is_the_documented_one() {
        let readme = fs::read_to_string(harness::root().join("widget/README.md")).unwrap();
        assert!(readme.lines().any(|line| line.starts_with(STILL)), "{STILL}");
    }

    #[test]
    fn pages_differ_in_what_shows_the_number_alone() {
        let [ours, bare, peer] = Kind::ALL.map(|kind| kind.html("site:a", "ws://x"));
        assert!(ours.contains(r#"<roll-call channel="site:a">"#), "{ours}");
        assert!(ours.contains(STILL) && !bare.contains("<style>"));
        assert_eq!(bare.replace("/bare.js", "/centrifuge-js.js"), peer);
    }

    #[test]
    fn a_view_adds_up() {
        let view = view("site:a", 1234, 1_790_000_000_000, "ws://x");
        let number = |name: &str| view[name].as_u64().unwrap();
        assert_eq!(number("users") + number("guests"), number("present"));
        assert_eq!(view["members"].as_array().unwrap().len(), 50);
        assert_eq!(written(number("present")), "1,234");
        assert_eq!(written(2007), "2,007");
    }
}
