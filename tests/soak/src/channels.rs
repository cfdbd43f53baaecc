//! The channels that are played in.

/// Watched by name.
pub(crate) const NAMED: [&str; 3] = ["site:main", "site:side", VAULT];
/// Watched by name, and no namespace of Centrifugo's: it fails each time, and must harm no other.
pub(crate) const NOWHERE: &str = "nope:x";
/// Private: its list opens only to a token that names it.
pub(crate) const VAULT: &str = "site:vault";
/// Found by a glob; they come and are forgotten.
pub(crate) const ROOMS: [&str; 6] = ["room:0", "room:1", "room:2", "room:3", "room:4", "room:5"];
/// A room in which there is sometimes a client whose info is no JSON.
pub(crate) const BROKEN_ROOM: &str = "room:broken";
/// The glob of the rooms.
pub(crate) const GLOB: &str = "room:*";

/// All channels of which a view may be kept.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    NAMED.into_iter().chain(ROOMS).chain([BROKEN_ROOM])
}

/// Where the public view of a channel is published.
pub(crate) fn published(channel: &str) -> String {
    format!("presence:{channel}")
}

/// Where the list of the private channel is published.
pub(crate) fn published_privately(channel: &str) -> String {
    format!("private:{channel}")
}
