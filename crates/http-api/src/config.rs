//! The variables of the routes, but for those of Redis.

use scope::Scope;
use settings::Reader;

/// Everything that the routes are told.
#[derive(Debug, Clone)]
pub struct Config {
    /// What all processes share.
    pub scope: Scope,
    /// By what tokens are verified; `None`: no token is good.
    pub tokens: Option<token::Config>,
}

impl Config {
    /// Reads the variables; `None` where one of the scope is wrong. What is wrong is remembered by `reader`.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let scope = Scope::read(reader);
        Self::read_in(reader, scope)
    }

    /// The same in a scope that was read already.
    pub fn read_in(reader: &mut Reader<'_>, scope: Option<Scope>) -> Option<Self> {
        let tokens = token::Config::read(reader);
        let is_private = reader.text("PRIVATE_CHANNELS").is_some_and(|list| !list.is_empty());
        if is_private && tokens.is_none() {
            let message = "needs CENTRIFUGO_TOKEN_HMAC_SECRET or CENTRIFUGO_TOKEN_JWKS_URL: a private list opens to a token alone";
            reader.problem("PRIVATE_CHANNELS", message);
        }
        Some(Self { scope: scope?, tokens })
    }
}

#[cfg(test)]
mod tests {
    use settings::from_pairs;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
        let lookup = from_pairs(variables);
        let mut reader = Reader::new(&lookup);
        let config = Config::read(&mut reader);
        reader.finish(config).map_err(|problems| problems.to_string())
    }

    #[test]
    fn private_channels_need_a_secret_or_public_keys() {
        let private = [("WATCH_CHANNELS", "room:*"), ("PRIVATE_CHANNELS", "room:board")];
        let error = read(&private).unwrap_err();
        assert!(
            error.contains("PRIVATE_CHANNELS needs CENTRIFUGO_TOKEN_HMAC_SECRET or"),
            "{error}"
        );
        for keys in [
            ("CENTRIFUGO_TOKEN_HMAC_SECRET", "hush"),
            ("CENTRIFUGO_TOKEN_JWKS_URL", "https://example.com/jwks"),
        ] {
            assert!(read(&[private[0], private[1], keys]).unwrap().scope.has_private());
        }
        assert!(read(&[private[0], ("PRIVATE_CHANNELS", "")]).is_ok());
        let error = read(&[private[1], ("VISIBILITY", "all")]).unwrap_err();
        for name in ["WATCH_CHANNELS", "VISIBILITY", "PRIVATE_CHANNELS"] {
            assert!(error.contains(name), "{name} is not in: {error}");
        }
    }
}
