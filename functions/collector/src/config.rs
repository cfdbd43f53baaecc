//! The collector's variables.

use std::time::Duration;

use presence::{InfoFields, Scope};
use settings::{Problems, Reader, any_text, whole_number};

/// Everything that the collector is told at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// What it shares with the snapshot function.
    pub scope: Scope,
    /// Where Centrifugo is.
    pub centrifugo: centrifugo::Config,
    /// Where Redis is.
    pub store: store::Config,
    /// `LISTED_MAX`: members in a view.
    pub listed_max: usize,
    /// `INFO_FIELDS`: what may be shown of a client's info.
    pub info_fields: InfoFields,
    /// `LEAVE_GRACE_SECONDS` in periods: roll calls in a row that may be missed before somebody has left.
    pub grace: u32,
    /// `RECENT_SECONDS`: how long somebody who is gone is listed as recent.
    pub recent: Duration,
    /// `SNAPSHOT_TTL_SECONDS`: how long a view outlives its roll call.
    pub snapshot_ttl: Duration,
    /// `EVENT_BUS_NAME`: where changes are announced; `None`: nowhere.
    pub event_bus: Option<String>,
    /// `STACK_NAME`: dimension of the metrics.
    pub stack_name: String,
}

impl Config {
    /// Reads and checks all variables.
    ///
    /// # Errors
    /// Every wrong one, with what is wrong.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let mut reader = Reader::new(lookup);
        let scope = Scope::read(&mut reader);
        let centrifugo = centrifugo::Config::read(&mut reader);
        let store = store::Config::read(&mut reader);
        let listed_max = reader.optional("LISTED_MAX", whole_number(0, 1000)).unwrap_or(50);
        let info_fields = reader.optional("INFO_FIELDS", |list| Ok(InfoFields::parse(list)));
        let grace = reader.optional("LEAVE_GRACE_SECONDS", whole_number(0, 3600)).unwrap_or(60);
        let recent = reader.optional("RECENT_SECONDS", whole_number(0, 86_400)).unwrap_or(900);
        let event_bus = reader.optional("EVENT_BUS_NAME", any_text);
        let stack_name = reader.optional("STACK_NAME", any_text);
        let period = u64::from(scope.as_ref().map_or(60, |scope| scope.period.seconds()));
        let snapshot_ttl = reader
            .optional("SNAPSHOT_TTL_SECONDS", |text| match text.parse::<u64>() {
                Ok(seconds) if (2 * period..=u64::from(u32::MAX)).contains(&seconds) => Ok(seconds),
                _ => Err(format!(
                    "must be a whole number of seconds, two periods ({}) at least",
                    2 * period
                )),
            })
            .unwrap_or(3600);
        let value = scope.zip(centrifugo).zip(store).map(|((scope, centrifugo), store)| Self {
            grace: grace / scope.period.seconds(),
            scope,
            centrifugo,
            store,
            listed_max,
            info_fields: info_fields.unwrap_or_else(|| InfoFields::parse("name,avatar,url")),
            recent: Duration::from_secs(recent),
            snapshot_ttl: Duration::from_secs(snapshot_ttl),
            event_bus,
            stack_name: stack_name.unwrap_or_else(|| "local".to_owned()),
        });
        reader.finish(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_variable_is_named_and_no_secret_shown() {
        let lookup = |name: &str| match name {
            "CENTRIFUGO_API_URL" => Some("ftp://user:hunter2@x".to_owned()),
            "CENTRIFUGO_API_KEY" => Some("hunter2\n".to_owned()),
            "REDIS_URL" => Some("http://user:hunter2@x".to_owned()),
            "LISTED_MAX" => Some("1001".to_owned()),
            "SNAPSHOT_TTL_SECONDS" => Some("119".to_owned()),
            "CENTRIFUGO_CLIENT_URL" => Some("https://x".to_owned()),
            _ => None,
        };
        let error = Config::read(&lookup).unwrap_err().to_string();
        for name in [
            "WATCH_CHANNELS",
            "CENTRIFUGO_API_URL",
            "CENTRIFUGO_API_KEY",
            "REDIS_URL",
            "LISTED_MAX",
            "SNAPSHOT_TTL_SECONDS",
            "CENTRIFUGO_CLIENT_URL",
        ] {
            assert!(error.contains(name), "{name} is not in: {error}");
        }
        assert!(!error.contains("hunter2"), "{error}");
    }
}
