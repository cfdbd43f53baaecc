//! Many commands in one call, and a reply to each.

use bytes::Bytes;
use serde::Deserialize;

use crate::error::Error;
use crate::http::{malformed, read};

/// The request: a command for each item, as `push` appends it; `length` is about as many bytes as they all take. The
/// commands are carried out side by side.
pub(crate) fn request<T>(
    items: &[T],
    length: usize,
    push: impl Fn(&mut Vec<u8>, &T) -> serde_json::Result<()>,
) -> Result<Bytes, Error> {
    let mut body = Vec::with_capacity(length);
    body.extend_from_slice(br#"{"parallel":true,"commands":["#);
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        push(&mut body, item).map_err(malformed)?;
    }
    body.extend_from_slice(b"]}");
    Ok(body.into())
}

/// The replies in an answer to so many commands, in their order.
///
/// # Errors
/// [`Error::Malformed`] where the answer can't be read or the number of replies is another one.
pub(crate) fn replies<'a, R: Deserialize<'a>>(
    body: &'a str,
    asked: usize,
) -> Result<Vec<R>, Error> {
    #[derive(Deserialize)]
    struct Replies<R> {
        #[serde(default = "Vec::new")]
        replies: Vec<R>,
    }
    let Replies { replies } = read(body)?;
    if replies.len() != asked {
        return Err(Error::Malformed(format!("{} replies to {asked} commands", replies.len())));
    }
    Ok(replies)
}
