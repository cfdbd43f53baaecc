//! Tokens as the page's own server would sign them.

use std::time::SystemTime;

use anyhow::{Context as _, Result};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::Value;

/// Signs claims with HS256.
///
/// # Errors
/// The claims cannot be signed.
pub fn sign(secret: &str, claims: &Value) -> Result<String> {
    jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes()))
        .context("cannot sign a token")
}

/// Seconds since the Unix epoch, for `exp` and `nbf`.
#[expect(clippy::disallowed_methods, reason = "a token that expires needs the real time")]
pub fn now_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs())
}
