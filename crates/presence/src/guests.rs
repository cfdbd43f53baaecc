//! Who counts as a guest.

use crate::glob::Globs;

/// Users who count as guests, by id or glob.
#[derive(Debug, Clone)]
pub struct Guests(Globs);

impl Guests {
    /// The users of a comma list of ids and globs.
    ///
    /// # Errors
    /// Where a glob can't be read; see [`Globs::parse`].
    pub fn parse(list: &str) -> Result<Self, String> {
        Globs::parse(list).map(Self)
    }

    /// Whether a user with this id is a guest. Nobody's id, the empty one, always is.
    pub fn contain(&self, user: &str) -> bool {
        user.is_empty() || self.0.matches(user)
    }
}

/// The id that some applications give to all who are not signed in.
impl Default for Guests {
    fn default() -> Self {
        Self(Globs::literal("anonymous"))
    }
}
