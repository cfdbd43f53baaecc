//! The HTTP client of the harness.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// A client for servers on this machine: no proxy, no redirects, and every request has an end.
///
/// # Errors
/// The client cannot be built.
pub fn client() -> Result<reqwest::Client> {
    // Plain HTTP needs no TLS, but building a client asks for a provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .context("cannot build an HTTP client")
}
