//! An address to listen on.

use std::fmt;
use std::str::FromStr;

use tokio::net::TcpListener;

/// What belongs there, for an operator.
const FORM: &str = "must be host:port, [::1]:8090 or a port, e.g. 127.0.0.1:8090";

/// A host and a port: 0 is any free one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listen {
    host: String,
    port: u16,
}

impl Listen {
    /// Begins to listen.
    ///
    /// # Errors
    /// The address is another's, or none of this machine.
    pub(crate) async fn bind(&self) -> std::io::Result<TcpListener> {
        TcpListener::bind((self.host.as_str(), self.port)).await
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self::on_this_machine(8090)
    }
}

impl Listen {
    fn on_this_machine(port: u16) -> Self {
        Self { host: "127.0.0.1".to_owned(), port }
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(port) = text.parse() {
            return Ok(Self::on_this_machine(port));
        }
        let (host, port) = text.rsplit_once(':').ok_or(FORM)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_wrong = |host: &str| host.is_empty() || host.contains(char::is_whitespace);
        match (bare.unwrap_or(host), port.parse()) {
            // Without brackets nobody knows where the host of an IPv6 address ends.
            (host, Ok(port)) if !is_wrong(host) && (bare.is_some() || !host.contains(':')) => {
                Ok(Self { host: host.to_owned(), port })
            }
            _ => Err(FORM.to_owned()),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_each_form() {
        for (text, address) in [
            ("8080", "127.0.0.1:8080"),
            ("0", "127.0.0.1:0"),
            ("localhost:8080", "localhost:8080"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::1]:8090", "[::1]:8090"),
            ("[::]:0", "[::]:0"),
        ] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), address, "{text}");
        }
        for text in [
            "x",
            "x:",
            ":8090",
            "::1:8090",
            "::1",
            "[]:1",
            "x:65536",
            "x y:1",
            "http://x:1",
            "65536",
            "-1",
        ] {
            assert_eq!(text.parse::<Listen>(), Err(FORM.to_owned()), "{text}");
        }
    }
}
