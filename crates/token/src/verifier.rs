//! From a token to its holder.

use jsonwebtoken::decode_header;
use presence::Millis;

use crate::claims::Claims;
use crate::config::{Config, Keys};
use crate::error::Error;
use crate::holder::Holder;
use crate::jwks::Jwks;
use crate::key::Key;

/// Longest token that is looked at. Real ones have a few hundred bytes; a header of CloudFront ends at 20 KB.
const LENGTH_MAX: usize = 16 * 1024;

/// Verifies tokens. One per process: it keeps the public keys.
pub struct Verifier {
    keys: Source,
    audience: Option<String>,
    issuer: Option<String>,
}

enum Source {
    Secret(Box<Key>),
    Jwks(Jwks),
}

impl Verifier {
    /// A verifier by these keys. Nothing is fetched yet.
    /// For a JWKS address a provider for rustls must have been installed.
    ///
    /// # Errors
    /// Where TLS can't be set up, for want of root certificates say.
    pub fn new(config: Config) -> Result<Self, Error> {
        let Config { keys, audience, issuer } = config;
        let keys = match keys {
            Keys::Secret(secret) => Source::Secret(Box::new(Key::secret(&secret))),
            Keys::Jwks(url) => Source::Jwks(Jwks::new(url)?),
        };
        Ok(Self { keys, audience, issuer })
    }

    /// Fetches the public keys ahead of the first token, if there are any to fetch.
    ///
    /// # Errors
    /// [`Error::KeysUnavailable`].
    pub async fn warm_up(&self, now: Millis) -> Result<(), Error> {
        match &self.keys {
            Source::Secret(_) => Ok(()),
            Source::Jwks(jwks) => jwks.warm_up(now).await,
        }
    }

    /// Who holds this token: a user, by a `sub` that is not empty.
    ///
    /// # Errors
    /// Where the token is not good, or nobody can tell.
    pub async fn holder(&self, token: &str, now: Millis) -> Result<Holder, Error> {
        if token.len() > LENGTH_MAX {
            return Err(Error::Refused("too long"));
        }
        let claims: Claims = match &self.keys {
            Source::Secret(key) => key.verify(token)?,
            Source::Jwks(jwks) => {
                let header = decode_header(token).map_err(|_| Error::Refused("not a JWT"))?;
                let kid = header.kid.ok_or(Error::Refused("no kid"))?;
                let key = jwks.key(&kid, now).await?.ok_or(Error::Refused("unknown kid"))?;
                key.verify(token)?
            }
        };
        claims.holder(self.audience.as_deref(), self.issuer.as_deref(), now).map_err(Error::Refused)
    }
}
