//! Why a token opens nothing.

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no token, or not a good one. The reason is for a log; it holds nothing of the token.
    #[error("the token is refused: {0}")]
    Refused(&'static str),
    /// Nobody knows, since the public keys can't be had.
    #[error("can't get the keys of CENTRIFUGO_TOKEN_JWKS_URL: {0}")]
    KeysUnavailable(String),
}
