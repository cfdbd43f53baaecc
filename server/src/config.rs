//! The variables: those of both functions, and where to serve.

use scope::Scope;
use settings::{Problems, Reader, any_text};

use crate::listen::Listen;

/// How roll calls are taken.
#[derive(Debug, Clone)]
pub(crate) struct RollCalls {
    /// Which channels, and what is kept of them.
    pub(crate) roll_call: roll_call::Config,
    /// Where Centrifugo is.
    pub(crate) centrifugo: centrifugo::Config,
    /// Where Redis is.
    pub(crate) store: store::Config,
    /// `EVENT_BUS_NAME`: the bus on which changes are announced.
    pub(crate) event_bus: Option<String>,
    /// `EVENT_WEBHOOK_URL`, `EVENT_WEBHOOK_SECRET`: or the webhook; with neither, nowhere.
    pub(crate) webhook: Option<webhook::Config>,
}

/// Everything that `serve` is told at its start.
#[derive(Debug, Clone)]
pub(crate) struct Serve {
    /// How roll calls are taken.
    pub(crate) roll_calls: RollCalls,
    /// What is answered, and to whom.
    pub(crate) http: http_api::Config,
    /// Where that is.
    pub(crate) site: Site,
}

/// What only `serve` has.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// `LISTEN`: where the HTTP API is.
    pub(crate) listen: Listen,
    /// `METRICS_LISTEN`: where Prometheus asks; `None`: nowhere.
    pub(crate) metrics_listen: Option<Listen>,
    /// `DEMO`: whether there is a demo page.
    pub(crate) has_demo: bool,
}

impl RollCalls {
    /// Reads and checks the variables of `take`.
    ///
    /// # Errors
    /// Every wrong one, with what is wrong.
    pub(crate) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut reader = Reader::new(lookup);
        let scope = Scope::read(&mut reader);
        let roll_calls = Self::read_in(&mut reader, scope.as_ref());
        reader.finish(roll_calls)
    }

    fn read_in(reader: &mut Reader<'_>, scope: Option<&Scope>) -> Option<Self> {
        let roll_call = roll_call::Config::read(reader, scope);
        let centrifugo = centrifugo::Config::read(reader);
        let store = store::Config::read(reader);
        let event_bus = reader.optional("EVENT_BUS_NAME", any_text);
        let webhook = webhook::Config::read(reader);
        if reader.text("SHARD_BUS_NAME").is_some_and(|name| !name.is_empty()) {
            let message = "is for AWS Lambda alone: here one process takes all channels";
            reader.problem("SHARD_BUS_NAME", message);
        }
        let (roll_call, centrifugo, store) = (roll_call?, centrifugo?, store?);
        Some(Self { roll_call, centrifugo, store, event_bus, webhook })
    }
}

impl Serve {
    /// Reads and checks the variables of `serve`.
    ///
    /// # Errors
    /// Every wrong one, with what is wrong.
    pub(crate) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut reader = Reader::new(lookup);
        let scope = Scope::read(&mut reader);
        let roll_calls = RollCalls::read_in(&mut reader, scope.as_ref());
        let http = http_api::Config::read_in(&mut reader, scope);
        let site = Site::read(&mut reader);
        let value = roll_calls.zip(http).map(|(roll_calls, http)| Self { roll_calls, http, site });
        reader.finish(value)
    }
}

impl Site {
    /// Reads the variables; what is wrong is remembered by `reader`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let listen = reader.optional("LISTEN", str::parse).unwrap_or_default();
        let metrics_listen = reader.optional("METRICS_LISTEN", str::parse);
        let demo = reader.optional("DEMO", |text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err("must be on or off".to_owned()),
        });
        Self { listen, metrics_listen, has_demo: demo.unwrap_or(true) }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;
    use harness::VARIABLES;
    use settings::from_pairs;

    const REQUIRED: [(&str, &str); 4] = [
        ("WATCH_CHANNELS", "site:main"),
        ("CENTRIFUGO_API_URL", "http://127.0.0.1:8000/api"),
        ("CENTRIFUGO_API_KEY", "hunter2"),
        ("REDIS_URL", "redis://127.0.0.1"),
    ];

    fn read(more: &[(&str, &str)]) -> Result<Serve, Vec<String>> {
        let variables = [more, &REQUIRED].concat();
        Serve::read(&from_pairs(&variables)).map_err(|problems| problems.lines().collect())
    }

    #[test]
    fn the_variables_are_those_of_both_functions_and_three_more() {
        let asked = RefCell::new(BTreeSet::new());
        let lookup = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            None
        };
        let _ = Serve::read(&lookup);
        // What Lambda's own logging controls say is read where the log begins.
        let functions = VARIABLES.into_iter().filter(|name| !name.starts_with("AWS_"));
        let expected: BTreeSet<&str> =
            functions.chain(["LISTEN", "METRICS_LISTEN", "DEMO"]).collect();
        let asked = asked.borrow();
        assert_eq!(asked.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn what_is_not_set_has_a_default() {
        let config = read(&[("METRICS_LISTEN", ""), ("SHARD_BUS_NAME", "")]).unwrap();
        assert_eq!(config.site.listen.to_string(), "127.0.0.1:8090");
        assert!(config.site.metrics_listen.is_none() && config.site.has_demo);
        assert!(!read(&[("DEMO", "off")]).unwrap().site.has_demo);
    }

    #[test]
    fn every_wrong_variable_is_named_once_and_no_secret_shown() {
        let problems = read(&[
            ("WATCH_CHANNELS", "room:{a"),
            ("PERIOD_SECONDS", "45"),
            ("PRIVATE_CHANNELS", "room:b"),
            ("REDIS_URL", "http://user:hunter2@x"),
            ("SHARD_BUS_NAME", "shards"),
            ("LISTEN", "everywhere"),
            ("METRICS_LISTEN", "1:2:3"),
            ("DEMO", "no"),
        ]);
        let problems = problems.unwrap_err();
        let mut names: Vec<&str> =
            problems.iter().map(|line| line.split(' ').next().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "DEMO",
                "LISTEN",
                "METRICS_LISTEN",
                "PERIOD_SECONDS",
                "PRIVATE_CHANNELS",
                "REDIS_URL",
                "SHARD_BUS_NAME",
                "WATCH_CHANNELS",
            ]
        );
        assert!(!problems.concat().contains("hunter2"), "{problems:?}");
    }

    #[test]
    fn what_only_readers_need_is_nothing_to_one_roll_call() {
        let wrong = [("LISTEN", "everywhere"), ("PRIVATE_CHANNELS", "site:main")];
        let variables = [&wrong[..], &REQUIRED].concat();
        assert!(RollCalls::read(&from_pairs(&variables)).is_ok());
        let variables = [&[("SHARD_BUS_NAME", "shards")], &REQUIRED[..]].concat();
        assert!(RollCalls::read(&from_pairs(&variables)).is_err());
    }
}
