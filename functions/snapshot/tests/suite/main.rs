//! Requests to the routes, against a real Redis.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// Redis gone, frozen, or holding something else.
mod faults;
/// Status, headers and body of every route.
mod http;
/// A Redis with views, and the routes before it.
mod stage;
