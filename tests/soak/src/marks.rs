//! Marks by which it shows where a text came from. They are plain ASCII, so that no escape and no cut changes them.

/// Begins every id of a user who may be named.
pub(crate) const USER: &str = "uid-";
/// Stands in every name and address that may be shown.
pub(crate) const SHOWN: &str = "shown-";
/// Stands in every id, name and address that nobody may ever see: those of guests, and of the hidden.
pub(crate) const VEILED: &str = "veiled-";
/// `GUEST_USERS`.
pub(crate) const GUEST_USERS: &str = "anonymous,veiled-guest-*";

/// The part of a guest's name that says so.
pub(crate) fn is_guest(user: &str) -> bool {
    user.is_empty() || user == "anonymous" || user.starts_with("veiled-guest-")
}
