//! Roll calls against a real Centrifugo and a real Redis.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// Events on their way to a bus.
mod announcing;
/// The user of the cache that is deployed.
mod cache_user;
/// What stands in the way of a roll call, and what is left readable.
mod faults;
/// Views that are so young that no roll call is due.
mod freshness;
/// Channels of globs that come and go, whatever happens meanwhile.
mod globs;
/// Servers that begin to hang in the middle.
mod hanging;
/// Several roll calls in one invocation, and the end of each.
mod invocations;
/// The process killed between two steps.
mod kills;
/// What a log may and may not hold.
mod logs;
/// What is remembered from one roll call to the next.
mod memory;
/// Collectors that overlap.
mod overlap;
/// What a roll call keeps, publishes and reports.
mod roll_calls;
/// What a roll call asks and moves, beside the arithmetic of `docs/SCALE.md`.
mod scale;
/// Roll calls that are too big for one invocation.
mod shards;
/// A Centrifugo, a Redis and a collector between them.
mod stage;
/// A connection harmed at each of the steps.
mod steps;
/// Channels that strangers make up by the hundred.
mod strangers;
/// Events on their way to a webhook.
mod webhooks;
