//! Many commands in one call, and a reply to each.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::http::read;

/// The request. Its commands are carried out side by side.
#[derive(Serialize)]
pub(crate) struct Batch<C> {
    parallel: bool,
    commands: Vec<C>,
}

impl<C: Serialize> Batch<C> {
    pub(crate) fn of(commands: impl Iterator<Item = C>) -> Self {
        Self { parallel: true, commands: commands.collect() }
    }
}

/// The body of a batch whose commands are JSON already, made of parts: `push` appends a command for each item. `length` is
/// about as many bytes as they all take.
pub(crate) fn body_of<T>(
    items: &[T],
    length: usize,
    push: impl Fn(&mut Vec<u8>, &T) -> Result<(), Error>,
) -> Result<Bytes, Error> {
    let mut body = Vec::with_capacity(length);
    body.extend_from_slice(br#"{"parallel":true,"commands":["#);
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        push(&mut body, item)?;
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
