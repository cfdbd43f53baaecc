//! Who may see the list where the public gets numbers only.

use axum::http::HeaderMap;
use token::Error;

use crate::problem::Problem;
use crate::reader::Reader;

/// CloudFront signs its requests to the function in `Authorization`, hence a header of our own.
const HEADER: &str = "x-rollcall-token";

/// Lets in who has a good token of a user that is no guest.
pub(crate) async fn let_in(
    reader: &Reader,
    headers: &HeaderMap,
    _channel: &str,
) -> Result<(), Problem> {
    let mut tokens = headers.get_all(HEADER).into_iter();
    let (Some(token), None) = (tokens.next(), tokens.next()) else {
        return Err(Problem::Unauthorized);
    };
    let (Some(verifier), Ok(token)) = (&reader.tokens, token.to_str()) else {
        return Err(Problem::Unauthorized);
    };
    match verifier.user(token, reader.now()).await {
        Ok(user) if !reader.scope.guests.contain(&user) => Ok(()),
        Ok(_) => {
            tracing::debug!("the token is a guest's");
            Err(Problem::Unauthorized)
        }
        // That the token is bad would be a lie, and the page would throw a good one away.
        Err(error @ Error::KeysUnavailable(_)) => {
            tracing::error!("{error}");
            Err(Problem::KeysUnavailable)
        }
        Err(error) => {
            tracing::debug!("{error}");
            Err(Problem::Unauthorized)
        }
    }
}
