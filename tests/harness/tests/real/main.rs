//! The harness against the programs that it starts.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

// Both functions, from a visitor to what is served.
mod functions;
// What a child leaves behind: nothing.
mod processes;
// Redis, alone and as a cluster.
mod redis;
// The site in front of the functions.
mod site;
// Centrifugo, and visitors who come and go.
mod visitors;
