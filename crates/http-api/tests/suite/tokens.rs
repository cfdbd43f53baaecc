//! Who may see the list.

use axum::http::HeaderValue;
use harness::{Answer as Told, Canned, sign};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::stage::{Answer, NOW, Stage};

const SECRET: &str = "a secret of the page's server";
const MEMBERS: &str = "/v1/presence/site:main/members";

async fn by_secret() -> Stage {
    Stage::start(&[
        ("VISIBILITY", "counts"),
        ("CENTRIFUGO_TOKEN_HMAC_SECRET", SECRET),
        ("GUEST_USERS", "anonymous,guest-*"),
    ])
    .await
}

async fn ask(stage: &Stage, token: &str) -> Answer {
    stage.ask("GET", MEMBERS, &[("x-rollcall-token", token)]).await
}

fn token(claims: Value) -> String {
    sign(SECRET, &claims).unwrap()
}

#[tokio::test]
async fn a_signed_in_user_sees_the_list_and_nobody_keeps_the_answer() {
    let stage = by_secret().await;
    let views = stage.keep("site:main").await;
    let answer = ask(&stage, &token(json!({"sub": "42"}))).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, views.members.as_str()));
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("etag"), "");
    let path = "/v1/presence/room:none/members";
    let nothing =
        stage.ask("GET", path, &[("x-rollcall-token", &token(json!({"sub": "42"})))]).await;
    assert_eq!(
        (nothing.status.as_u16(), nothing.header("cache-control")),
        (404, "private, no-store")
    );
}

#[tokio::test]
async fn without_a_token_there_is_no_list_by_any_route() {
    let stage = by_secret().await;
    let views = stage.keep("site:main").await;
    // Also where it lies in memory.
    assert_eq!(ask(&stage, &token(json!({"sub": "42"}))).await.body, views.members);
    stage.get(MEMBERS).await.assert_problem(401, "unauthorized");
    assert_eq!(stage.get(MEMBERS).await.header("www-authenticate"), "X-Rollcall-Token");
    for path in [
        "/v1/presence/site:main",
        "/v1/presence?channels=site:main",
        "/v1/presence/site:main/",
        "/v1/presence/site:main%2Fmembers",
        "/v1/presence/site:main?members=1",
        "/v1/presence/site:main/history",
        "/v1/presence/site:main/badge.svg",
    ] {
        let answer = stage.get(path).await;
        assert!(!answer.body.contains("members\""), "{path}: {}", answer.body);
    }
    let without_keys = Stage::start(&[("VISIBILITY", "counts")]).await;
    ask(&without_keys, &token(json!({"sub": "42"}))).await.assert_problem(401, "unauthorized");
}

#[tokio::test]
async fn where_the_list_is_public_no_token_is_looked_at() {
    let stage = Stage::start(&[("CENTRIFUGO_TOKEN_HMAC_SECRET", SECRET)]).await;
    let views = stage.keep("site:main").await;
    for answer in [stage.get(MEMBERS).await, ask(&stage, "nonsense").await] {
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, views.members.as_str()));
        assert!(answer.header("cache-control").starts_with("public"));
        assert!(answer.header("etag").ends_with("-members\""));
    }
}

#[tokio::test]
async fn bad_tokens_open_nothing_and_cost_redis_nothing() {
    let stage = by_secret().await;
    stage.keep("site:main").await;
    let seconds = NOW / 1000;
    let good = token(json!({"sub": "42"}));
    let bad = [
        token(json!({"sub": ""})),
        token(json!({})),
        token(json!({"sub": 42})),
        token(json!({"sub": "anonymous"})),
        token(json!({"sub": "guest-7"})),
        token(json!({"sub": "42", "channel": "site:main"})),
        token(json!({"sub": "42", "exp": seconds - 60})),
        token(json!({"sub": "42", "nbf": seconds + 60})),
        token(json!({"sub": "42", "info": "x".repeat(100_000)})),
        sign("another secret", &json!({"sub": "42"})).unwrap(),
        // {"alg":"none"}
        format!("eyJhbGciOiJub25lIn0.{}.", good.split('.').nth(1).unwrap()),
        format!("Bearer {good}"),
        "x".repeat(100_000),
        String::new(),
    ];
    let commands = stage.commands_for(async || {
        for token in &bad {
            let answer = ask(&stage, token).await;
            answer.assert_problem(401, "unauthorized");
            assert!(!answer.body.contains("eyJ"), "{}", answer.body);
        }
        let two = [("x-rollcall-token", good.as_str()), ("x-rollcall-token", &good)];
        stage.ask("GET", MEMBERS, &two).await.assert_problem(401, "unauthorized");
        let raw = HeaderValue::from_bytes(b"\xff\xfe").unwrap();
        stage.ask_with(MEMBERS, "x-rollcall-token", raw).await.assert_problem(401, "unauthorized");
    });
    assert_eq!(commands.await, 0);
}

#[tokio::test]
async fn public_keys_open_and_their_absence_is_told_apart() {
    let key =
        EncodingKey::from_ec_der(include_bytes!("../../../../crates/token/tests/keys/p256.der"));
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some("1".to_owned());
    let keys = json!({"keys": [jwk]}).to_string().into_bytes();
    let server = Canned::start(vec![Told::Body(500, Vec::new()), Told::Body(200, keys)]).await;
    let server = server.unwrap();
    let stage =
        Stage::start(&[("VISIBILITY", "counts"), ("CENTRIFUGO_TOKEN_JWKS_URL", &server.url())])
            .await;
    let views = stage.keep("site:main").await;
    let header = |algorithm| Header { kid: Some("1".to_owned()), ..Header::new(algorithm) };
    let token = encode(&header(Algorithm::ES256), &json!({"sub": "42"}), &key).unwrap();

    let answer = ask(&stage, &token).await;
    answer.assert_problem(503, "keys_unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    stage.later(5000);
    assert_eq!(ask(&stage, &token).await.body, views.members);

    // The public key as an HMAC secret.
    let public = serde_json::to_string(&jwk).unwrap();
    let secret = EncodingKey::from_secret(public.as_bytes());
    let forged = encode(&header(Algorithm::HS256), &json!({"sub": "42"}), &secret).unwrap();
    ask(&stage, &forged).await.assert_problem(401, "unauthorized");
    let other = EncodingKey::from_ed_der(include_bytes!(
        "../../../../crates/token/tests/keys/other-ed25519.der"
    ));
    let forged = encode(&header(Algorithm::EdDSA), &json!({"sub": "42"}), &other).unwrap();
    ask(&stage, &forged).await.assert_problem(401, "unauthorized");
}
