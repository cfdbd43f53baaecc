//! What the tests of this crate share.

use std::time::Duration;

use centrifugo::{Client, Config};
use settings::Reader;

pub(crate) const WITHIN: Duration = Duration::from_secs(20);

/// A client for the API at `api_url`.
pub(crate) fn client_with(api_url: &str, api_key: &str, body_max: usize) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let lookup = |name: &str| match name {
        "CENTRIFUGO_API_URL" => Some(api_url.to_owned()),
        "CENTRIFUGO_API_KEY" => Some(api_key.to_owned()),
        _ => None,
    };
    let mut reader = Reader::new(&lookup);
    let config = Config::read(&mut reader);
    Client::new(reader.finish(config).unwrap(), body_max).unwrap()
}

/// Guests and shown fields as by default.
pub(crate) struct Rules {
    guests: presence::Guests,
    fields: presence::InfoFields,
}

impl Rules {
    pub(crate) fn new() -> Self {
        let lookup = |name: &str| (name == "WATCH_CHANNELS").then(|| "site:main".to_owned());
        let mut reader = Reader::new(&lookup);
        let scope = presence::Scope::read(&mut reader);
        let scope = reader.finish(scope).unwrap();
        Self { guests: scope.guests, fields: presence::InfoFields::parse("name") }
    }

    pub(crate) fn of(&self) -> presence::CensusOf<'_> {
        presence::CensusOf { guests: &self.guests, fields: &self.fields }
    }
}
