//! The variables.

use std::fmt;

use settings::{Reader, any_text};

/// By what tokens are verified.
#[derive(Clone)]
pub struct Config {
    pub(crate) keys: Keys,
    /// `CENTRIFUGO_TOKEN_AUDIENCE`: must be among a token's `aud`.
    pub(crate) audience: Option<String>,
    /// `CENTRIFUGO_TOKEN_ISSUER`: must be a token's `iss`.
    pub(crate) issuer: Option<String>,
}

#[derive(Clone)]
pub(crate) enum Keys {
    /// `CENTRIFUGO_TOKEN_HMAC_SECRET`.
    Secret(String),
    /// `CENTRIFUGO_TOKEN_JWKS_URL`.
    Jwks(String),
}

impl Config {
    /// Reads the variables; `None` where there is no key, so that no token is good, or where one is wrong, which
    /// `reader` remembers.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let secret = reader.optional("CENTRIFUGO_TOKEN_HMAC_SECRET", any_text);
        let jwks = reader.optional("CENTRIFUGO_TOKEN_JWKS_URL", |text| {
            let known = text.starts_with("https://") || text.starts_with("http://");
            if known && text.parse::<reqwest::Url>().is_ok() {
                Ok(text.to_owned())
            } else {
                Err("must be an https:// address such as https://example.com/.well-known/jwks.json, \
                     or an http:// one within one's own network"
                    .to_owned())
            }
        });
        let audience = reader.optional("CENTRIFUGO_TOKEN_AUDIENCE", any_text);
        let issuer = reader.optional("CENTRIFUGO_TOKEN_ISSUER", any_text);
        let keys = match (secret, jwks) {
            (Some(_), Some(_)) => {
                let message =
                    "must not be set beside CENTRIFUGO_TOKEN_HMAC_SECRET: only one of the two";
                reader.problem("CENTRIFUGO_TOKEN_JWKS_URL", message);
                return None;
            }
            (Some(secret), None) => Keys::Secret(secret),
            (None, Some(url)) => Keys::Jwks(url),
            (None, None) => return None,
        };
        Some(Self { keys, audience, issuer })
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
}
