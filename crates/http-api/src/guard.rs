//! Who may see the list where the public gets numbers only.

use axum::http::HeaderMap;
use token::{Error, Holder};

use crate::problem::Problem;
use crate::reader::Reader;

/// CloudFront signs its requests to the function in `Authorization`, hence a header of our own.
const HEADER: &str = "x-rollcall-token";

const FOR_USERS: Problem = Problem::Unauthorized(
    "The list is for those who are signed in: send their token for Centrifugo in X-Rollcall-Token.",
);
const FOR_NAMED: Problem = Problem::Unauthorized(
    "The list of this channel is for those whose token names it: send a token for Centrifugo that does, of a user who is signed in, in X-Rollcall-Token.",
);

/// Lets in who has a good token of a user that is no guest. The list of a private channel wants a token that names the
/// channel; any other one a token for a connection, since one for a subscription speaks of its channel alone.
pub(crate) async fn let_in(
    reader: &Reader,
    headers: &HeaderMap,
    channel: &str,
) -> Result<(), Problem> {
    let is_private = reader.scope.is_private(channel);
    let refused = if is_private { FOR_NAMED } else { FOR_USERS };
    let mut tokens = headers.get_all(HEADER).into_iter();
    let (Some(token), None) = (tokens.next(), tokens.next()) else { return Err(refused) };
    let (Some(verifier), Ok(token)) = (&reader.tokens, token.to_str()) else { return Err(refused) };
    let holder = verifier.holder(token, reader.now()).await;
    let opens = |holder: &Holder| match is_private {
        true => holder.names(channel),
        false => holder.connects(),
    };
    match holder {
        Ok(holder) if reader.scope.guests.contain(&holder.user) => {
            tracing::debug!("the token is a guest's");
            Err(refused)
        }
        Ok(holder) if opens(&holder) => Ok(()),
        Ok(_) => {
            tracing::debug!("the token is for something else");
            Err(refused)
        }
        // That the token is bad would be a lie, and the page would throw a good one away.
        Err(error @ Error::KeysUnavailable(_)) => {
            tracing::error!("{error}");
            Err(Problem::KeysUnavailable)
        }
        Err(error) => {
            tracing::debug!("{error}");
            Err(refused)
        }
    }
}
