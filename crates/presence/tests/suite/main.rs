//! What the domain promises, through its public face.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

/// Who is in a census and its views, whatever Centrifugo answers.
mod census;
/// A channel that lives from roll call to roll call.
mod channel;
/// Events, their ids and their splitting.
mod events;
/// Random histories of a channel, against a slow and obvious model.
mod histories;
/// The JSON Schema of each detail type.
mod schemas;
/// Single steps of a channel's life.
mod steps;
