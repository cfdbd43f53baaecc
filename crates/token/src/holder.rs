//! Who holds a token, and which channels it names.

use std::collections::HashSet;

use presence::Globs;

/// A user with a good token, and what that token is for.
#[derive(Debug)]
pub struct Holder {
    /// Whose token it is: a `sub` that is not empty.
    pub user: String,
    pub(crate) purpose: Purpose,
}

/// What Centrifugo takes a token for.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// To subscribe to this channel, and for nothing else.
    Subscription(String),
    /// To connect. The application may have named channels in it.
    Connection {
        /// By name, in the claims `subs` and `channels`.
        channels: HashSet<String>,
        /// By glob too, in the claim `rollcall`.
        globs: Vec<String>,
    },
}

impl Holder {
    /// Whether the token is for a connection: one for a subscription says of its channel alone that the user may be
    /// there.
    pub fn connects(&self) -> bool {
        matches!(self.purpose, Purpose::Connection { .. })
    }

    /// Whether the token names a channel.
    pub fn names(&self, channel: &str) -> bool {
        match &self.purpose {
            Purpose::Subscription(only) => only == channel,
            Purpose::Connection { channels, globs } => {
                channels.contains(channel)
                    || Globs::of_items(globs.iter().map(String::as_str)).matches(channel)
            }
        }
    }
}
