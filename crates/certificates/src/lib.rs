#![doc = include_str!("../README.md")]

use std::sync::LazyLock;

use reqwest::ClientBuilder;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// What TLS begins with in each client.
static TLS: LazyLock<ClientConfig> = LazyLock::new(|| {
    let trusted = trusted(rustls_native_certs::load_native_certs().certs);
    let mut tls = ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
    // What we ask is small: one request at a time on each connection.
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    tls
});

/// A client to be built. One of reqwest's own can't be where the machine trusts nobody, not even for plain `http`.
/// A provider for rustls must have been installed.
pub fn client() -> ClientBuilder {
    ClientBuilder::new().tls_backend_preconfigured(tls())
}

/// The same for whoever speaks TLS without reqwest.
pub fn tls() -> ClientConfig {
    TLS.clone()
}

/// The authorities of the machine, but for those that can't be read; else Mozilla's.
fn trusted(machine: impl IntoIterator<Item = CertificateDer<'static>>) -> RootCertStore {
    let mut trusted = RootCertStore::empty();
    trusted.add_parsable_certificates(machine);
    if trusted.is_empty() {
        trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    trusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_trusts_nobody_gets_mozillas_authorities() {
        let unreadable = CertificateDer::from_slice(b"no certificate");
        for machine in [vec![], vec![unreadable]] {
            assert_eq!(trusted(machine).len(), webpki_roots::TLS_SERVER_ROOTS.len());
        }
    }
}
