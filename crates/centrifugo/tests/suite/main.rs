//! The client against Centrifugo and against what only looks like one.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// Answers that a real Centrifugo never gives.
mod faults;
/// A real Centrifugo.
mod real;
/// What the tests share.
mod util;
