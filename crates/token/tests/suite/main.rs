//! Tokens as a page's server signs them, good and bad.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// The variables.
mod config;
/// Public keys from an address.
mod jwks;
/// Tokens by a secret, and the claims.
mod secret;
/// What the tests share.
mod util;
