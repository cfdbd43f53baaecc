//! The way to a server, step by step: its name, its port, its certificate.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// For each step.
const WITHIN: Duration = Duration::from_secs(5);

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) has_tls: bool,
}

/// The step that leads no further, and why.
#[derive(Debug)]
pub(super) enum Unreached {
    /// Nobody knows the name.
    Name(String),
    /// Nobody listens there, or nothing gets there.
    Port(String),
    /// No TLS, or a certificate that is not taken.
    Tls(String),
}

/// A connection, whatever is below it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Address {
    /// Goes all the way.
    pub(super) async fn reach(&self) -> Result<Box<dyn Stream>, Unreached> {
        let name = |why: String| Unreached::Name(format!("{} has no address: {why}", self.host));
        let port = |why: String| Unreached::Port(format!("port {}: {why}", self.port));
        let tls = |why: String| Unreached::Tls(format!("no TLS with {}: {why}", self.host));
        let bare = self.host.trim_matches(['[', ']']);
        let addresses = within(lookup_host((bare, self.port))).await.map_err(name)?;
        let addresses: Vec<_> = addresses.collect();
        let stream = within(TcpStream::connect(addresses.as_slice())).await.map_err(port)?;
        if !self.has_tls {
            return Ok(Box::new(stream));
        }
        let server =
            ServerName::try_from(bare.to_owned()).map_err(|error| tls(error.to_string()))?;
        let connector = TlsConnector::from(Arc::new(certificates::tls()));
        let stream = within(connector.connect(server, stream)).await.map_err(|why| {
            // What rustls says where somebody speaks without it.
            tls(if why.contains("InvalidContentType") {
                "none is spoken there".to_owned()
            } else {
                why
            })
        })?;
        Ok(Box::new(stream))
    }
}

impl Unreached {
    /// What does not work, and why.
    pub(super) fn says(&self) -> &str {
        match self {
            Self::Name(says) | Self::Port(says) | Self::Tls(says) => says,
        }
    }
}

async fn within<T>(step: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match tokio::time::timeout(WITHIN, step).await {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", WITHIN.as_secs())),
    }
}
