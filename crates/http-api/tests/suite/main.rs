//! Requests to the routes, against a real Redis.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// The badge.
mod badge;
/// The user of the cache that is deployed.
mod cache_user;
/// Redis gone, frozen, or holding something else.
mod faults;
/// The day behind.
mod history;
/// Status, headers and body of every route.
mod http;
/// Several channels in one request.
mod many;
/// What a process remembers.
mod memory;
/// Channels whose list is for some alone.
mod private;
/// A Redis with views, and the routes before it.
mod stage;
/// Who may see the list.
mod tokens;
