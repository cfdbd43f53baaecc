//! The variables.

use crate::util::config;

#[test]
fn one_kind_of_key_at_most() {
    assert!(config(&[]).unwrap().is_none());
    assert!(config(&[("CENTRIFUGO_TOKEN_AUDIENCE", "site")]).unwrap().is_none());
    let both = config(&[
        ("CENTRIFUGO_TOKEN_HMAC_SECRET", "hush-hush"),
        ("CENTRIFUGO_TOKEN_JWKS_URL", "https://example.com/jwks"),
    ]);
    let problem = both.unwrap_err();
    assert!(problem.contains("CENTRIFUGO_TOKEN_JWKS_URL must not be set beside"), "{problem}");
    let wrong = config(&[("CENTRIFUGO_TOKEN_JWKS_URL", "example.com/jwks")]).unwrap_err();
    assert!(wrong.contains("CENTRIFUGO_TOKEN_JWKS_URL must be an https:// address"), "{wrong}");
    assert!(wrong.contains("or an http:// one within one's own network"), "{wrong}");
    let inside = config(&[("CENTRIFUGO_TOKEN_JWKS_URL", "http://keys.internal/jwks")]);
    assert!(inside.unwrap().is_some());
}

#[test]
fn no_secret_shows_where_the_configuration_is_printed() {
    let config = config(&[("CENTRIFUGO_TOKEN_HMAC_SECRET", "hush-hush")]).unwrap();
    assert!(!format!("{config:?}").contains("hush"));
}
