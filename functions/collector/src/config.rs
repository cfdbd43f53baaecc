//! The collector's variables.

use scope::Scope;
use settings::{Problems, Reader, any_text};

/// Everything that the collector is told at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// How roll calls are taken.
    pub roll_call: roll_call::Config,
    /// Where Centrifugo is.
    pub centrifugo: centrifugo::Config,
    /// Where Redis is.
    pub store: store::Config,
    /// `EVENT_BUS_NAME`: the bus on which changes are announced.
    pub event_bus: Option<String>,
    /// `EVENT_WEBHOOK_URL`, `EVENT_WEBHOOK_SECRET`: or the webhook; with neither, nowhere.
    pub webhook: Option<webhook::Config>,
    /// Most bytes of an answer of Centrifugo.
    pub body_max: usize,
}

impl Config {
    /// Reads and checks all variables.
    ///
    /// # Errors
    /// Every wrong one, with what is wrong.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut reader = Reader::new(lookup);
        let scope = Scope::read(&mut reader);
        let roll_call = roll_call::Config::read(&mut reader, scope.as_ref());
        let centrifugo = centrifugo::Config::read(&mut reader);
        let store = store::Config::read(&mut reader);
        let event_bus = reader.optional("EVENT_BUS_NAME", any_text);
        let webhook = webhook::Config::read(&mut reader);
        let body_max = body_max(reader.text("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").as_deref());
        let value = roll_call.zip(centrifugo).zip(store);
        let value = value.map(|((roll_call, centrifugo), store)| Self {
            roll_call,
            centrifugo,
            store,
            event_bus,
            webhook,
            body_max,
        });
        reader.finish(value)
    }
}

/// What of a function's memory, in MB as AWS Lambda tells it, an answer may take: it is not alone there. A greater one is
/// asked for in halves, and refused in a line, where Lambda would kill the function without a word.
fn body_max(memory: Option<&str>) -> usize {
    let memory = memory.and_then(|megabytes| megabytes.parse::<usize>().ok());
    let share = memory.map(|megabytes| megabytes.saturating_mul(1024 * 1024) * 3 / 8);
    share.unwrap_or(usize::MAX).min(centrifugo::Client::BODY_MAX)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;
    use harness::VARIABLES;
    use settings::from_pairs;

    /// Those that the snapshot function alone reads.
    const NOT_READ: [&str; 4] = [
        "CENTRIFUGO_TOKEN_AUDIENCE",
        "CENTRIFUGO_TOKEN_HMAC_SECRET",
        "CENTRIFUGO_TOKEN_ISSUER",
        "CENTRIFUGO_TOKEN_JWKS_URL",
    ];

    #[test]
    fn every_variable_that_is_read_is_in_the_list() {
        let asked = RefCell::new(BTreeSet::new());
        let lookup = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            None
        };
        let _ = Config::read(&lookup);
        // What AWS sets is no setting of ours.
        let own = |name: &&str| !name.starts_with("AWS_");
        let mut expected: BTreeSet<&str> = VARIABLES.into_iter().filter(own).collect();
        for other in NOT_READ {
            assert!(expected.remove(other), "{other} is not in the list");
        }
        let asked = asked.borrow();
        let asked: BTreeSet<&str> = asked.iter().map(String::as_str).filter(own).collect();
        assert_eq!(asked, expected);
    }

    #[test]
    fn every_wrong_variable_is_named_and_no_secret_shown() {
        let lookup = from_pairs(&[
            ("CENTRIFUGO_API_URL", "ftp://user:hunter2@x"),
            ("CENTRIFUGO_API_KEY", "hunter2\n"),
            ("REDIS_URL", "http://user:hunter2@x"),
            ("LISTED_MAX", "1001"),
            ("WATCH_CHANNELS_MAX", "0"),
            ("SNAPSHOT_TTL_SECONDS", "119"),
            ("CENTRIFUGO_CLIENT_URL", "https://x"),
            ("EVENT_WEBHOOK_URL", "hunter2"),
            ("EVENT_WEBHOOK_SECRET", "hunter2"),
        ]);
        let error = Config::read(&lookup).unwrap_err().to_string();
        for name in [
            "WATCH_CHANNELS",
            "CENTRIFUGO_API_URL",
            "CENTRIFUGO_API_KEY",
            "REDIS_URL",
            "LISTED_MAX",
            "WATCH_CHANNELS_MAX",
            "SNAPSHOT_TTL_SECONDS",
            "CENTRIFUGO_CLIENT_URL",
            "EVENT_WEBHOOK_URL",
            "EVENT_WEBHOOK_SECRET",
        ] {
            assert!(error.contains(name), "{name} is not in: {error}");
        }
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn who_hands_out_shards_takes_more_channels() {
        let read = |more: &[(&str, &str)]| {
            let required = [
                ("WATCH_CHANNELS", "room:*"),
                ("CENTRIFUGO_API_URL", "http://x/api"),
                ("CENTRIFUGO_API_KEY", "k"),
                ("REDIS_URL", "redis://x"),
            ];
            Config::read(&from_pairs(&[&required, more].concat())).map(|config| config.roll_call)
        };
        let alone = read(&[]).unwrap();
        assert_eq!((alone.channels_max, alone.shard_bus), (10_000, None));
        let bus = ("SHARD_BUS_NAME", "presence-shards");
        let divided = read(&[bus]).unwrap();
        assert_eq!(divided.channels_max, 1_000_000);
        assert_eq!((divided.shard_channels, divided.shard_clients), (5000, 250_000));
        assert_eq!(read(&[bus, ("WATCH_CHANNELS_MAX", "7")]).unwrap().channels_max, 7);
        let wrong = [("SHARD_CHANNELS", "99"), ("SHARD_CLIENTS", "999")];
        let error = read(&wrong).unwrap_err().to_string();
        assert!(
            error.contains("SHARD_CHANNELS must be a whole number from 100 to 100000"),
            "{error}"
        );
        assert!(
            error.contains("SHARD_CLIENTS must be a whole number from 1000 to 10000000"),
            "{error}"
        );
    }

    #[test]
    fn changes_are_announced_at_one_place() {
        let lookup = from_pairs(&[
            ("EVENT_BUS_NAME", "default"),
            ("EVENT_WEBHOOK_URL", "https://example.com/hooks"),
            ("EVENT_WEBHOOK_SECRET", harness::Hook::SECRET),
        ]);
        let error = Config::read(&lookup).unwrap_err().to_string();
        assert!(
            error.contains("EVENT_WEBHOOK_URL goes not together with EVENT_BUS_NAME"),
            "{error}"
        );
    }

    #[test]
    fn an_answer_takes_no_more_than_its_share_of_the_memory() {
        assert_eq!(body_max(Some("256")), 96 * 1024 * 1024);
        assert_eq!(body_max(Some("10240")), centrifugo::Client::BODY_MAX);
        for unknown in [None, Some(""), Some("much")] {
            assert_eq!(body_max(unknown), centrifugo::Client::BODY_MAX, "{unknown:?}");
        }
    }
}
