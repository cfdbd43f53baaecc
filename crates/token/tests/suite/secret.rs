//! Tokens by a secret, and the claims.

use harness::sign;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use token::{Error, Holder, Verifier};

use crate::util::{NOW, NOW_SECONDS, SECRET, config, is_refused, verifier};

fn by_secret(more: &[(&str, &str)]) -> Verifier {
    verifier(&[&[("CENTRIFUGO_TOKEN_HMAC_SECRET", SECRET)], more].concat())
}

async fn holder(verifier: &Verifier, claims: &Value) -> Result<Holder, Error> {
    verifier.holder(&sign(SECRET, claims).unwrap(), NOW).await
}

/// Whether a token opens the lists that are for everybody who is signed in.
async fn opens(verifier: &Verifier, claims: &Value) -> bool {
    let outcome = holder(verifier, claims).await;
    assert!(outcome.is_ok() || is_refused(&outcome), "{outcome:?}");
    outcome.is_ok_and(|holder| holder.connects())
}

#[tokio::test]
async fn a_token_says_whose_it_is() {
    let verifier = by_secret(&[]);
    let token = sign(SECRET, &json!({"sub": "42", "info": {"name": "Ann"}})).unwrap();
    assert_eq!(verifier.holder(&token, NOW).await.unwrap().user, "42");
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let token = encode(&Header::new(algorithm), &json!({"sub": "42"}), &key).unwrap();
        assert_eq!(verifier.holder(&token, NOW).await.unwrap().user, "42", "{algorithm:?}");
    }
}

#[tokio::test]
async fn a_trial_is_taken_by_whoever_has_the_secret() {
    let variables = [
        ("CENTRIFUGO_TOKEN_HMAC_SECRET", SECRET),
        ("CENTRIFUGO_TOKEN_AUDIENCE", "a"),
        ("CENTRIFUGO_TOKEN_ISSUER", "i"),
    ];
    let config = config(&variables).unwrap().unwrap();
    let verifier = verifier(&variables);
    let connection = config.sign_trial("trial", None, NOW).unwrap();
    let holder = verifier.holder(&connection, NOW).await.unwrap();
    assert!(holder.user == "trial" && holder.connects());
    let subscription = config.sign_trial("trial", Some("team:7"), NOW).unwrap();
    let holder = verifier.holder(&subscription, NOW).await.unwrap();
    assert!(holder.names("team:7") && !holder.connects());
    assert!(is_refused(&verifier.holder(&connection, NOW + 120_000).await), "for a moment");
}

#[tokio::test]
async fn times_are_taken_as_centrifugo_takes_them() {
    // But for ten seconds, by which clocks may differ.
    let verifier = by_secret(&[]);
    let now = NOW_SECONDS;
    let later = [
        json!(now + 1),
        json!(now - 5),
        json!(now as f64 + 0.5),
        json!((now + 60).to_string()),
        json!("1.8e9"),
        json!(null),
    ];
    for exp in later {
        assert!(opens(&verifier, &json!({"sub": "42", "exp": exp})).await, "exp {exp}");
    }
    let over = [json!(now - 11), json!(0), json!(-1), json!("1.7e9"), json!(1.0e9)];
    for exp in over {
        assert!(!opens(&verifier, &json!({"sub": "42", "exp": exp})).await, "exp {exp}");
    }
    for (nbf, good) in [(now, true), (now + 5, true), (now + 11, false)] {
        assert_eq!(opens(&verifier, &json!({"sub": "42", "nbf": nbf})).await, good, "nbf {nbf}");
        let nbf = nbf.to_string();
        assert_eq!(opens(&verifier, &json!({"sub": "42", "nbf": nbf})).await, good, "nbf {nbf:?}");
    }
    for time in [json!("soon"), json!("NaN"), json!("inf"), json!({}), json!([]), json!(true)] {
        assert!(!opens(&verifier, &json!({"sub": "42", "exp": time})).await, "exp {time}");
        assert!(!opens(&verifier, &json!({"sub": "42", "nbf": time})).await, "nbf {time}");
    }
}

#[tokio::test]
async fn a_token_of_nobody_or_for_something_else_opens_nothing() {
    let verifier = by_secret(&[]);
    for claims in [
        json!({}),
        json!({"sub": ""}),
        json!({"sub": null}),
        json!({"sub": 42}),
        json!({"sub": ["42"]}),
        json!({"sub": "42", "channel": "site:main"}),
        json!({"sub": "42", "channel": ""}),
        json!([]),
        json!("42"),
    ] {
        assert!(!opens(&verifier, &claims).await, "{claims}");
    }
}

#[tokio::test]
async fn a_channel_that_is_null_is_none() {
    let verifier = by_secret(&[]);
    assert!(opens(&verifier, &json!({"sub": "42", "channel": null})).await, "as in Centrifugo");
    for channel in [json!(7), json!(["site:main"]), json!({}), json!(false)] {
        let outcome = holder(&verifier, &json!({"sub": "42", "channel": channel})).await;
        assert!(is_refused(&outcome), "{channel}");
    }
}

#[tokio::test]
async fn a_token_for_a_subscription_names_its_channel_alone() {
    let verifier = by_secret(&[]);
    let claims = json!({
        "sub": "42",
        "channel": "room:7",
        "subs": {"room:8": {}},
        "channels": ["room:8"],
        "rollcall": {"channels": ["*"]},
    });
    let holder = holder(&verifier, &claims).await.unwrap();
    assert!(holder.names("room:7") && !holder.connects());
    for other in ["room:8", "room:70", "room:", ""] {
        assert!(!holder.names(other), "{other}");
    }
}

#[tokio::test]
async fn a_token_for_a_connection_names_channels_by_three_claims() {
    let verifier = by_secret(&[]);
    let names = async |claims: Value, channel: &str| {
        let mut all = json!({"sub": "42"});
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let holder = holder(&verifier, &all).await.unwrap();
        assert!(holder.connects(), "{all}");
        holder.names(channel)
    };
    for (claims, named, other) in [
        (json!({"subs": {"room:7": {}}}), "room:7", "room:8"),
        (json!({"subs": {"room:7": null}}), "room:7", "room:8"),
        (json!({"subs": {"room:7": {"info": {"name": "Ann"}}, "b": {}}}), "room:7", "room:8"),
        (json!({"channels": ["a", "room:7"]}), "room:7", "room:8"),
        (json!({"rollcall": {"channels": ["room:7", "team:*"]}}), "room:7", "room:8"),
        (json!({"rollcall": {"channels": ["room:7", "team:*"], "more": 7}}), "team:a/b", "teams:a"),
        (json!({"rollcall": {"channels": ["[broken", "room:{7,9}"]}}), "room:9", "[broken"),
        (json!({"rollcall": 7, "channels": ["room:7"]}), "room:7", "room:8"),
        (json!({"subs": {"a": {}}, "channels": ["b"], "rollcall": {"channels": ["c"]}}), "b", "d"),
        // Centrifugo knows no globs there.
        (json!({"subs": {"room:*": {}}, "channels": ["team:*"]}), "room:*", "room:7"),
        (json!({"subs": {"room:*": {}}, "channels": ["team:*"]}), "team:*", "team:7"),
    ] {
        assert!(names(claims.clone(), named).await, "{claims} {named}");
        assert!(!names(claims.clone(), other).await, "{claims} {other}");
        assert!(!names(claims.clone(), "").await, "{claims}");
    }
    for nothing in [
        json!({}),
        json!({"subs": ["room:7"]}),
        json!({"subs": "room:7"}),
        json!({"subs": {"room:7": true}}),
        json!({"subs": {"room:7": []}}),
        json!({"subs": null, "channels": null, "rollcall": null}),
        json!({"channels": "room:7"}),
        json!({"channels": {"room:7": {}}}),
        json!({"channels": [["room:7"]]}),
        json!({"channels": [7, null, {"room:7": 1}]}),
        json!({"rollcall": "room:7"}),
        json!({"rollcall": ["room:7"]}),
        json!({"rollcall": {"channels": "*"}}),
        json!({"rollcall": {"channels": {"room:7": {}}}}),
        json!({"rollcall": {"channels": [7, "*"]}}),
        json!({"rollcall": {"channels": null}}),
        json!({"rollcall": {"channel": "room:7"}}),
        json!({"rollcall": true}),
    ] {
        assert!(!names(nothing.clone(), "room:7").await, "{nothing}");
    }
}

#[tokio::test]
async fn what_a_token_demands_to_be_understood_is_not_understood() {
    let verifier = by_secret(&[]);
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    for crit in [vec!["exp"], vec!["b64"], vec![]] {
        let crit = Some(crit.into_iter().map(str::to_owned).collect());
        let token = encode(&Header { crit, ..Header::default() }, &json!({"sub": "42"}), &key);
        assert!(is_refused(&verifier.holder(&token.unwrap(), NOW).await));
    }
}

#[tokio::test]
async fn audience_and_issuer_must_match_when_they_are_set() {
    let verifier = by_secret(&[
        ("CENTRIFUGO_TOKEN_AUDIENCE", "site"),
        ("CENTRIFUGO_TOKEN_ISSUER", "https://example.com"),
    ]);
    let claims = |aud: Value, iss: Value| json!({"sub": "42", "aud": aud, "iss": iss});
    let issuer = json!("https://example.com");
    for aud in [json!("site"), json!(["other", "site"])] {
        assert!(opens(&verifier, &claims(aud.clone(), issuer.clone())).await, "{aud}");
    }
    for aud in [json!("other"), json!("SITE"), json!([]), json!(null), json!(7), json!("")] {
        assert!(!opens(&verifier, &claims(aud.clone(), issuer.clone())).await, "{aud}");
    }
    for iss in [json!("https://example.org"), json!(null), json!(["https://example.com"])] {
        assert!(!opens(&verifier, &claims(json!("site"), iss.clone())).await, "{iss}");
    }
    assert!(!opens(&verifier, &json!({"sub": "42"})).await);
}

#[tokio::test]
async fn what_is_no_token_of_this_key_opens_nothing() {
    let verifier = by_secret(&[]);
    let good = sign(SECRET, &json!({"sub": "42"})).unwrap();
    let mut parts = good.split('.');
    let (header, claims, signature) =
        (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    // {"alg":"none","typ":"JWT"}, and the same in capitals
    let none = ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOT05FIiwidHlwIjoiSldUIn0"];
    let bad = [
        String::new(),
        ".".into(),
        "..".into(),
        "a.b.c".into(),
        "ü.ü.ü".into(),
        format!("{} {good}", "Bearer"),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", &signature[1..]),
        format!("{claims}.{header}.{signature}"),
        format!("{}.{claims}.", none[0]),
        format!("{}.{claims}.{signature}", none[0]),
        format!("{}.{claims}.{signature}", none[1]),
        format!("{good}.{signature}"),
        sign("another secret", &json!({"sub": "42"})).unwrap(),
        sign("", &json!({"sub": "42"})).unwrap(),
        // Good, but for its length.
        sign(SECRET, &json!({"sub": "42", "info": "x".repeat(100_000)})).unwrap(),
    ];
    for token in bad {
        let outcome = verifier.holder(&token, NOW).await;
        assert!(is_refused(&outcome), "{token:.60}: {outcome:?}");
        assert!(!format!("{outcome:?}").contains("eyJ"), "{outcome:?}");
    }
}
