//! What is kept, in a real Redis.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// The list of channels.
mod channels;
/// Views and commits.
mod commits;
/// What somebody asks who looks whether Redis is set up well.
mod inspect;
/// The ledger and the history.
mod memory;
/// What is still to be announced.
mod outbox;
/// What the tests share.
mod util;
