//! What the tests of this crate share.

use std::time::Duration;

use centrifugo::{Client, Config};
use settings::{Reader, from_pairs};

pub(crate) const WITHIN: Duration = Duration::from_secs(20);

/// A client for the API at `api_url`.
pub(crate) fn client_with(api_url: &str, api_key: &str, body_max: usize) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let variables = [("CENTRIFUGO_API_URL", api_url), ("CENTRIFUGO_API_KEY", api_key)];
    let lookup = from_pairs(&variables);
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
        let (guests, fields) = (presence::Guests::default(), presence::InfoFields::parse("name"));
        Self { guests, fields }
    }

    pub(crate) fn of(&self) -> presence::CensusTaker<'_> {
        presence::CensusTaker { guests: &self.guests, fields: &self.fields }
    }
}
