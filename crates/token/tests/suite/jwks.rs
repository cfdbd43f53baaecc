//! Public keys from an address.

use std::time::Duration;

use harness::{Answer, Canned, Fault, FaultProxy, eventually, sign};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use token::{Error, Verifier};

use crate::util::{NOW, Pair, is_refused, jwks, verifier};

const MINUTE: u64 = 60_000;

fn claims() -> Value {
    json!({"sub": "42"})
}

async fn by_keys(answers: Vec<Answer>) -> (Canned, Verifier) {
    let server = Canned::start(answers).await.unwrap();
    let verifier = verifier(&[("CENTRIFUGO_TOKEN_JWKS_URL", &server.url())]);
    (server, verifier)
}

fn answer(pairs: &[&Pair]) -> Answer {
    Answer::Body(200, jwks(pairs))
}

#[tokio::test]
async fn every_kind_of_key_is_taken_and_the_set_fetched_once() {
    let pairs = [Pair::rsa(), Pair::p256(), Pair::p384(), Pair::ed25519()];
    let (server, verifier) = by_keys(vec![answer(&pairs.each_ref())]).await;
    for pair in &pairs {
        let holder = verifier.holder(&pair.sign(&claims()), NOW).await.unwrap();
        assert_eq!(holder.user, "42", "{}", pair.kid);
    }
    for algorithm in [Algorithm::RS384, Algorithm::RS512] {
        let pair = Pair { algorithm, ..Pair::rsa() };
        assert!(verifier.holder(&pair.sign(&claims()), NOW).await.is_ok(), "{algorithm:?}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_algorithm_is_the_keys_and_not_the_tokens() {
    let rsa = Pair::rsa();
    let jwk = rsa.jwk();
    let (_server, verifier) = by_keys(vec![answer(&[&rsa, &Pair::ed25519(), &Pair::p256()])]).await;
    // What everybody can read of the public key, used as an HMAC secret.
    for secret in [jwk["n"].as_str().unwrap(), &jwk.to_string(), ""] {
        let header = Header { kid: Some("rsa".to_owned()), ..Header::default() };
        let token = encode(&header, &claims(), &EncodingKey::from_secret(secret.as_bytes()));
        assert!(is_refused(&verifier.holder(&token.unwrap(), NOW).await));
    }
    let pss = Pair { algorithm: Algorithm::PS256, ..Pair::rsa() };
    assert!(is_refused(&verifier.holder(&pss.sign(&claims()), NOW).await));
    assert!(is_refused(&verifier.holder(&Pair::other_ed25519().sign(&claims()), NOW).await));
    let misnamed = Pair { kid: "p256", ..Pair::ed25519() };
    assert!(is_refused(&verifier.holder(&misnamed.sign(&claims()), NOW).await));
    // {"alg":"none","kid":"rsa"}
    let none = "eyJhbGciOiJub25lIiwia2lkIjoicnNhIn0.eyJzdWIiOiI0MiJ9.";
    assert!(is_refused(&verifier.holder(none, NOW).await));
    let without_kid = sign("secret", &claims()).unwrap();
    assert!(is_refused(&verifier.holder(&without_kid, NOW).await));
}

#[tokio::test]
async fn keys_of_other_kinds_harm_no_other_and_open_nothing() {
    let secret = json!({"kty": "oct", "kid": "oct", "k": "c2VjcmV0"});
    let for_encryption = {
        let mut jwk = Pair::p256().jwk();
        jwk["use"] = "enc".into();
        jwk
    };
    let odd = [json!({"kty": "new"}), json!(7), json!({"kty": "RSA", "kid": "r", "n": 7})];
    let mut keys = vec![secret, for_encryption, Pair::ed25519().jwk()];
    keys.extend(odd);
    let body = json!({ "keys": keys, "more": true }).to_string().into_bytes();
    let (_server, verifier) = by_keys(vec![Answer::Body(200, body)]).await;
    assert!(verifier.holder(&Pair::ed25519().sign(&claims()), NOW).await.is_ok());
    assert!(is_refused(&verifier.holder(&Pair::p256().sign(&claims()), NOW).await));
    let header = Header { kid: Some("oct".to_owned()), ..Header::default() };
    let token = encode(&header, &claims(), &EncodingKey::from_secret(b"secret")).unwrap();
    assert!(is_refused(&verifier.holder(&token, NOW).await));
}

#[tokio::test]
async fn a_new_key_is_found_and_a_withdrawn_one_forgotten() {
    let (old, new) = (Pair::p256(), Pair::ed25519());
    let (server, verifier) =
        by_keys(vec![answer(&[&old]), answer(&[&old, &new]), answer(&[])]).await;
    let (old, new) = (old.sign(&claims()), new.sign(&claims()));
    assert!(verifier.holder(&old, NOW).await.is_ok());
    for at in [NOW, NOW + 1, NOW + MINUTE - 1] {
        assert!(is_refused(&verifier.holder(&new, at).await), "asked again at most once a minute");
    }
    assert_eq!(server.requests().len(), 1);
    assert!(verifier.holder(&new, NOW + MINUTE).await.is_ok());
    assert_eq!(server.requests().len(), 2);
    assert!(verifier.holder(&old, NOW + 60 * MINUTE).await.is_ok());
    assert!(is_refused(&verifier.holder(&old, NOW + 61 * MINUTE).await), "after an hour");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_another_matter_than_a_bad_token() {
    let token = Pair::p256().sign(&claims());
    let page = b"<html>".to_vec();
    for bad in [
        Answer::Close,
        Answer::Hang,
        Answer::Body(500, Vec::new()),
        Answer::Body(404, jwks(&[&Pair::p256()])),
        Answer::Body(200, page),
        Answer::Body(200, vec![b' '; 300_000]),
    ] {
        let (server, verifier) = by_keys(vec![bad.clone(), answer(&[&Pair::p256()])]).await;
        for at in [NOW, NOW + 4_999] {
            let outcome = verifier.holder(&token, at).await;
            assert!(matches!(outcome, Err(Error::KeysUnavailable(_))), "{bad:?}: {outcome:?}");
        }
        assert!(verifier.holder(&token, NOW + 5_000).await.is_ok(), "{bad:?}");
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn many_at_once_fetch_once() {
    let (server, verifier) = by_keys(vec![answer(&[&Pair::p256()]), Answer::Close]).await;
    let token = Pair::p256().sign(&claims());
    let all = tokio::join!(
        verifier.holder(&token, NOW + 2),
        verifier.holder(&token, NOW),
        verifier.holder(&token, NOW + 1),
        verifier.warm_up(NOW),
    );
    assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok() && all.3.is_ok());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_reader_who_goes_away_takes_nothing_from_the_next_one() {
    let server = Canned::start(vec![answer(&[&Pair::p256()]), Answer::Close]).await.unwrap();
    let port = server.url().rsplit(':').next().unwrap().parse().unwrap();
    let proxy = FaultProxy::start(port).await.unwrap();
    let url = format!("http://127.0.0.1:{}", proxy.port());
    let verifier = verifier(&[("CENTRIFUGO_TOKEN_JWKS_URL", &url)]);
    let token = Pair::p256().sign(&claims());
    proxy.strike_at("GET", Fault::Slow(Duration::from_millis(20)));
    tokio::select! {
        early = verifier.holder(&token, NOW) => panic!("{early:?}"),
        struck = proxy.struck() => struck.unwrap(),
    }
    assert!(verifier.holder(&token, NOW + 1).await.is_ok());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn readers_who_go_away_do_not_add_up_to_a_storm() {
    let (server, verifier) = by_keys(vec![Answer::Hang]).await;
    let token = Pair::p256().sign(&claims());
    let asked = async || (!server.requests().is_empty()).then_some(());
    for at in NOW..NOW + 20 {
        tokio::select! {
            early = verifier.holder(&token, at) => panic!("{early:?}"),
            asked = eventually(Duration::from_secs(20), "the keys are asked for", asked) => asked.unwrap(),
        }
    }
    let outcome = verifier.holder(&token, NOW + 20).await;
    assert!(matches!(outcome, Err(Error::KeysUnavailable(_))), "{outcome:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Canned::start(vec![answer(&[&Pair::p256()])]).await.unwrap();
    let server = Canned::start(vec![Answer::Redirect(target.url())]).await.unwrap();
    let verifier = verifier(&[("CENTRIFUGO_TOKEN_JWKS_URL", &server.url())]);
    let outcome = verifier.holder(&Pair::p256().sign(&claims()), NOW).await;
    assert!(matches!(outcome, Err(Error::KeysUnavailable(_))), "{outcome:?}");
    let why = outcome.unwrap_err().to_string();
    assert!(why.contains("redirect") && !why.contains("127.0.0.1"), "{why}");
    assert_eq!((server.requests().len(), target.requests().len()), (1, 0));
}
