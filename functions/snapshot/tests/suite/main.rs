//! The function's program in a sandbox.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// What strangers can write into a log.
mod logs;
/// The program in a sandbox, with or without a Redis.
mod stage;
/// Paths and queries that are no URI.
mod uris;
/// The list of all variables.
mod variables;
