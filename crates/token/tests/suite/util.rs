//! What the tests share.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use settings::Reader;
use token::{Config, Error, Holder, Verifier};

pub(crate) const NOW: u64 = 1_790_000_000_000;
pub(crate) const NOW_SECONDS: u64 = NOW / 1000;
pub(crate) const SECRET: &str = "a secret of the page's server";

pub(crate) fn config(variables: &[(&str, &str)]) -> Result<Option<Config>, String> {
    let lookup = |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
    };
    let mut reader = Reader::new(&lookup);
    let config = Config::read(&mut reader);
    reader.finish(Some(config)).map_err(|problems| problems.to_string())
}

pub(crate) fn verifier(variables: &[(&str, &str)]) -> Verifier {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Verifier::new(config(variables).unwrap().unwrap()).unwrap()
}

/// Whether a verifier refuses, and does not only lack its keys.
pub(crate) fn is_refused(outcome: &Result<Holder, Error>) -> bool {
    matches!(outcome, Err(Error::Refused(_)))
}

/// A key pair of the page's server.
pub(crate) struct Pair {
    pub(crate) kid: &'static str,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: EncodingKey,
}

impl Pair {
    pub(crate) fn rsa() -> Self {
        let key = EncodingKey::from_rsa_der(include_bytes!("../keys/rsa.der"));
        Self { kid: "rsa", algorithm: Algorithm::RS256, key }
    }

    pub(crate) fn p256() -> Self {
        let key = EncodingKey::from_ec_der(include_bytes!("../keys/p256.der"));
        Self { kid: "p256", algorithm: Algorithm::ES256, key }
    }

    pub(crate) fn p384() -> Self {
        let key = EncodingKey::from_ec_der(include_bytes!("../keys/p384.der"));
        Self { kid: "p384", algorithm: Algorithm::ES384, key }
    }

    pub(crate) fn ed25519() -> Self {
        let key = EncodingKey::from_ed_der(include_bytes!("../keys/ed25519.der"));
        Self { kid: "ed25519", algorithm: Algorithm::EdDSA, key }
    }

    /// The key of somebody else who calls it by the same name.
    pub(crate) fn other_ed25519() -> Self {
        let key = EncodingKey::from_ed_der(include_bytes!("../keys/other-ed25519.der"));
        Self { key, ..Self::ed25519() }
    }

    /// The public half.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.kid.to_owned());
        serde_json::to_value(jwk).unwrap()
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(self.algorithm) };
        encode(&header, claims, &self.key).unwrap()
    }
}

/// A JWKS of these pairs.
pub(crate) fn jwks(pairs: &[&Pair]) -> Vec<u8> {
    let keys: Vec<Value> = pairs.iter().map(|pair| pair.jwk()).collect();
    json!({ "keys": keys }).to_string().into_bytes()
}
