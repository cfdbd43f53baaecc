//! Many commands in one call, and a reply to each.

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
