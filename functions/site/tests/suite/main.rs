//! The function, through the events that CloudFormation sends, against a simulated S3.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// What goes wrong, and that there is an answer all the same.
mod failures;
/// What is in the bucket after each request.
mod files;
/// A simulated S3, and CloudFormation on the other side.
mod stage;
