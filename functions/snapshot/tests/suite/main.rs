//! Requests to the routes, against a real Redis.

/// Redis gone, frozen, or holding something else.
mod faults;
/// Status, headers and body of every route.
mod http;
/// A Redis with views, and the routes before it.
mod stage;
