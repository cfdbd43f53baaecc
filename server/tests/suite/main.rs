//! The program as a process, with a real Centrifugo and a real Redis.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// A Centrifugo, a Redis and the program between them.
mod stage;
/// One roll call, and the exit status.
mod take;
