//! The client against Centrifugo and against what only looks like one.

/// Answers that a real Centrifugo never gives.
mod faults;
/// A real Centrifugo.
mod real;
/// What the tests share.
mod util;
