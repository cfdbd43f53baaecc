//! Tokens to try whether Centrifugo takes what is taken here.

use jsonwebtoken::{EncodingKey, Header, encode};
use presence::Millis;
use serde::Serialize;

use crate::config::{Config, Keys};

/// Long enough for a trial, also where two clocks differ.
const GOOD_FOR_SECONDS: u64 = 60;

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
}

impl Config {
    /// Whether there is a secret, which signs, and not public keys, which don't.
    pub fn has_secret(&self) -> bool {
        matches!(self.keys, Keys::Secret(_))
    }

    /// A token of `user` for a connection, or for a subscription to `channel`; `None` without a secret.
    pub fn sign_trial(&self, user: &str, channel: Option<&str>, now: Millis) -> Option<String> {
        let Keys::Secret(secret) = &self.keys else { return None };
        let claims = Claims {
            sub: user,
            exp: now / 1000 + GOOD_FOR_SECONDS,
            channel,
            aud: self.audience.as_deref(),
            iss: self.issuer.as_deref(),
        };
        encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes())).ok()
    }
}
