//! The variables: those of both functions. What only one of them has may be missing.

use scope::Scope;
use settings::{Reader, any_text};

use super::line::Line;
use super::see::See;
use crate::config::Site;

const WHAT: &str = "variables";
/// Variables that the README of the program explains; all others stand in the one at the root.
const OF_SERVE: [&str; 3] = ["LISTEN", "METRICS_LISTEN", "DEMO"];

/// What the variables tell, as far as they are right.
pub(super) struct Known {
    pub(super) scope: Option<Scope>,
    pub(super) centrifugo: Option<centrifugo::Config>,
    pub(super) store: Option<store::Config>,
    pub(super) tokens: Option<token::Config>,
    pub(super) webhook: Option<webhook::Config>,
}

/// Reads all variables. Unlike the start of a program, goes on with those that are right.
pub(super) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> (Known, Vec<Line>) {
    let mut reader = Reader::new(lookup);
    let scope = Scope::read(&mut reader);
    roll_call::Config::read(&mut reader, scope.as_ref());
    let has_api = is_set(&reader, "CENTRIFUGO_API_URL") || is_set(&reader, "CENTRIFUGO_API_KEY");
    let centrifugo = has_api.then(|| centrifugo::Config::read(&mut reader)).flatten();
    let store = store::Config::read(&mut reader);
    let tokens = token::Config::read(&mut reader);
    let webhook = webhook::Config::read(&mut reader);
    reader.optional("EVENT_BUS_NAME", any_text);
    Site::read(&mut reader);
    let mut lines = Vec::new();
    if !has_api {
        let says = "not set, as for the snapshot function: what asks Centrifugo is not looked at";
        lines.push(Line::skipped(WHAT, "CENTRIFUGO_API_URL, CENTRIFUGO_API_KEY", says));
    }
    if is_set(&reader, "SHARD_BUS_NAME") {
        let says = "for AWS Lambda alone: `rollcall serve` and `rollcall take` refuse it";
        lines.push(Line::skipped(WHAT, "SHARD_BUS_NAME", says));
    }
    if scope.as_ref().is_some_and(Scope::has_private)
        && !is_set(&reader, "CENTRIFUGO_TOKEN_HMAC_SECRET")
        && !is_set(&reader, "CENTRIFUGO_TOKEN_JWKS_URL")
    {
        let says = "without a secret or keys of tokens: only the collector takes that";
        let change = "where the HTTP API is served, set CENTRIFUGO_TOKEN_HMAC_SECRET or CENTRIFUGO_TOKEN_JWKS_URL: private lists open to a token alone";
        let line = Line::warn(WHAT, "PRIVATE_CHANNELS", says);
        lines.push(line.change(change, See::PRIVATE_CHANNELS));
    }
    match reader.finish(Some(())) {
        Ok(()) => lines.insert(0, Line::ok(WHAT, "environment", "those that are set make sense")),
        Err(problems) => lines.splice(0..0, problems.each().map(wrong)).for_each(drop),
    }
    (Known { scope, centrifugo, store, tokens, webhook }, lines)
}

fn is_set(reader: &Reader<'_>, name: &str) -> bool {
    reader.text(name).is_some_and(|text| !text.is_empty())
}

fn wrong((name, message): (&'static str, &str)) -> Line {
    let see = if OF_SERVE.contains(&name) { See::SERVE } else { See::VARIABLES };
    Line::wrong(WHAT, name, format!("{name} {message}")).change(format!("change {name}"), see)
}

#[cfg(test)]
mod tests {
    use settings::from_pairs;

    use super::super::line::State;
    use super::*;

    const SNAPSHOT: [(&str, &str); 2] =
        [("WATCH_CHANNELS", "site:main"), ("REDIS_URL", "redis://127.0.0.1")];

    fn look(more: &[(&str, &str)]) -> (Known, Vec<(State, String)>) {
        let (known, lines) = read(&from_pairs(&[more, &SNAPSHOT].concat()));
        (known, lines.into_iter().map(|line| (line.state, line.of)).collect())
    }

    #[test]
    fn one_functions_variables_are_enough() {
        let (known, lines) = look(&[("SHARD_BUS_NAME", "shards")]);
        assert!(known.scope.is_some() && known.store.is_some() && known.centrifugo.is_none());
        let skipped = |of: &str| (State::Skipped, of.to_owned());
        let api = skipped("CENTRIFUGO_API_URL, CENTRIFUGO_API_KEY");
        let all_right = (State::Ok, "environment".to_owned());
        assert_eq!(lines, [all_right, api, skipped("SHARD_BUS_NAME")]);
        let api = [
            ("CENTRIFUGO_API_URL", "http://127.0.0.1:8000/api"),
            ("CENTRIFUGO_API_KEY", "key"),
            ("PRIVATE_CHANNELS", "site:*"),
        ];
        let (known, lines) = look(&api);
        assert!(known.centrifugo.is_some());
        assert_eq!(lines[1..], [(State::Warn, "PRIVATE_CHANNELS".to_owned())]);
    }

    #[test]
    fn each_wrong_variable_is_a_line_and_the_others_stand() {
        let wrong = [
            ("CENTRIFUGO_API_URL", "http://127.0.0.1:8000/api"),
            ("PERIOD_SECONDS", "45"),
            ("LISTEN", "everywhere"),
            ("EVENT_WEBHOOK_URL", "http://hunter2@example.com"),
        ];
        let (known, lines) = look(&wrong);
        assert!(known.scope.is_some() && known.store.is_some() && known.webhook.is_none());
        let mut names: Vec<&str> = lines.iter().map(|(_, of)| of.as_str()).collect();
        names.sort_unstable();
        let expected = ["CENTRIFUGO_API_KEY", "EVENT_WEBHOOK_SECRET", "LISTEN", "PERIOD_SECONDS"];
        assert_eq!(names, expected);
        assert!(lines.iter().all(|(state, _)| *state == State::Wrong));
    }
}
