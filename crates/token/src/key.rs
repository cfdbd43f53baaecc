//! A key and the algorithms that it fixes.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, TokenData, Validation, decode};
use serde::de::DeserializeOwned;

use crate::error::Error;

pub(crate) struct Key {
    key: DecodingKey,
    validation: Validation,
}

impl Key {
    pub(crate) fn secret(secret: &str) -> Self {
        let algorithms = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        Self::of(DecodingKey::from_secret(secret.as_bytes()), &algorithms)
    }

    /// A public key for signatures, by its `kid`; `None` for all others. A secret in a JWKS is no secret.
    pub(crate) fn public(jwk: &Jwk) -> Option<(String, Self)> {
        let algorithms: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512],
            AlgorithmParameters::EllipticCurve(parameters) => match parameters.curve {
                EllipticCurve::P256 => &[Algorithm::ES256],
                EllipticCurve::P384 => &[Algorithm::ES384],
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(_) => &[Algorithm::EdDSA],
            _ => return None,
        };
        if jwk.common.public_key_use.as_ref().is_some_and(|of| *of != PublicKeyUse::Signature) {
            return None;
        }
        let kid = jwk.common.key_id.clone()?;
        Some((kid, Self::of(DecodingKey::from_jwk(jwk).ok()?, algorithms)))
    }

    fn of(key: DecodingKey, algorithms: &[Algorithm]) -> Self {
        let mut validation = Validation::default();
        algorithms.clone_into(&mut validation.algorithms);
        // The claims are looked at by our own rules, which are those of Centrifugo.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        Self { key, validation }
    }

    /// The claims of a token that this key has signed.
    pub(crate) fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<T, Error> {
        let token: TokenData<T> = decode(token, &self.key, &self.validation).map_err(|_| {
            Error::Refused("not a JWT signed by this key, or claims of a wrong type")
        })?;
        // What stands there must be understood by whoever takes the token (RFC 7515, 4.1.11), and none of it is here.
        if token.header.crit.is_some() {
            return Err(Error::Refused("it demands an extension of JWT"));
        }
        Ok(token.claims)
    }
}
