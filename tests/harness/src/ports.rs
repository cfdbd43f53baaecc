//! Free ports of 127.0.0.1.

use std::net::TcpListener;

use anyhow::{Context as _, Result};

/// All servers are on this machine alone.
pub(crate) const HOST: &str = "127.0.0.1";

/// How often a server is started anew on another port when somebody else was faster.
pub(crate) const TRIES: usize = 4;

/// A port that was free a moment ago.
///
/// The kernel does not give the same port to the next who asks, so two tests seldom meet; a server
/// that finds its port taken all the same is started again on another one.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((HOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// Whether an error says that a port is taken.
pub(crate) fn is_taken(error: &anyhow::Error) -> bool {
    format!("{error:#}").to_lowercase().contains("address already in use")
}
