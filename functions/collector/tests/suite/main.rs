//! Roll calls against a real Centrifugo and a real Redis.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// The user of the cache that is deployed.
mod cache_user;
/// What stands in the way of a roll call, and what is left readable.
mod faults;
/// What a roll call keeps, publishes and reports.
mod roll_calls;
/// A Centrifugo, a Redis and a collector between them.
mod stage;
