//! One setting of Centrifugo's wrong at a time: it is named, and what is said of it mends it.

use harness::{Answer, Canned};
use serde_json::{Value, json};

use crate::check::{Scene, documented, namespace};

/// Options of a namespace.
type Options = Value;

/// With these options in that namespace that very line is said.
async fn with(name: &str, options: Options, expected: &[&str]) {
    let mut configuration = documented();
    let namespace = namespace(&mut configuration, name);
    for (option, value) in options.as_object().unwrap() {
        namespace[option] = value.clone();
    }
    is_named_and_mended(configuration, expected).await;
}

/// With this configuration that very line is said, and after what it says there is none.
async fn is_named_and_mended(configuration: Value, expected: &[&str]) {
    let mut scene = Scene::with(configuration).await;
    let checks = scene.check().await;
    assert_eq!(checks.faults(), expected, "{checks:#?}");
    assert!(scene.follow(&checks).await, "{checks:#?}");
    let checks = scene.check().await;
    assert_eq!((checks.faults(), checks.skipped()), (vec![], vec![]), "{expected:?}");
}

#[tokio::test]
async fn presence() {
    for name in ["site", "room", "team"] {
        let expected = format!("wrong centrifugo.presence {name}");
        with(name, json!({"presence": false}), &[&expected]).await;
    }
}

#[tokio::test]
async fn a_namespace_that_is_missing() {
    for (name, what) in [
        ("site", "centrifugo.presence"),
        ("presence", "centrifugo.publish"),
        ("members", "centrifugo.publish"),
        ("private", "centrifugo.publish"),
    ] {
        let mut configuration = documented();
        let namespaces = configuration["channel"]["namespaces"].as_array_mut().unwrap();
        namespaces.retain(|namespace| namespace["name"] != name);
        is_named_and_mended(configuration, &[&format!("wrong {what} {name}")]).await;
    }
}

#[tokio::test]
async fn recovery() {
    let wrong = ["wrong centrifugo.recovery presence"];
    // Centrifugo does not start with the last and without the others.
    let off = json!({"force_recovery": false, "auto_cache_recover": false});
    with("presence", off, &wrong).await;
    let by_stream = json!({"force_recovery_mode": "stream", "auto_cache_recover": false});
    with("presence", by_stream, &wrong).await;
    with("presence", json!({"auto_cache_recover": false}), &wrong).await;
    with("private", json!({"auto_cache_recover": false}), &["wrong centrifugo.recovery private"])
        .await;
}

#[tokio::test]
async fn history() {
    // Centrifugo does not start with recovery and without history.
    let mut configuration = documented();
    *namespace(&mut configuration, "presence") = json!({
        "name": "presence", "allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true,
    });
    is_named_and_mended(configuration, &["wrong centrifugo.publish presence"]).await;
}

#[tokio::test]
async fn a_forged_view() {
    let wrong = ["wrong visitor.publish presence"];
    with("presence", json!({"allow_publish_for_client": true}), &wrong).await;
    with("presence", json!({"allow_publish_for_subscriber": true}), &wrong).await;
    with("private", json!({"allow_publish_for_client": true}), &["wrong visitor.publish private"])
        .await;
}

#[tokio::test]
async fn raw_presence() {
    let wrong = ["wrong visitor.presence site"];
    with("site", json!({"allow_presence_for_client": true}), &wrong).await;
    with("site", json!({"allow_presence_for_subscriber": true}), &wrong).await;
    // Of a namespace that is watched by glob whoever subscribes would be counted.
    with("room", json!({"allow_presence_for_client": true}), &["wrong visitor.presence room"])
        .await;
    let onlookers = json!({"presence": true, "allow_presence_for_client": true});
    with("presence", onlookers, &["wrong visitor.presence presence"]).await;
}

#[tokio::test]
async fn joins() {
    let on = json!({"join_leave": true, "force_push_join_leave": true});
    for name in ["site", "presence"] {
        with(name, on.clone(), &[&format!("wrong visitor.joins {name}")]).await;
    }
}

#[tokio::test]
async fn guests() {
    let mut configuration = documented();
    configuration["client"]["allow_anonymous_connect_without_token"] = false.into();
    let mut scene = Scene::with(configuration).await;
    let place = scene.stage.centrifugo.client_url();
    let place = place.strip_prefix("ws://").unwrap();
    let checks = scene.check().await;
    assert_eq!(checks.faults(), [format!("warn centrifugo.guests {place}")], "{checks:#?}");
    scene.follow(&checks).await;
    assert_eq!(scene.check().await.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn who_may_subscribe() {
    let off = json!({"allow_subscribe_for_client": false});
    let no_guests = json!({"allow_subscribe_for_anonymous": false});
    let open = json!({"allow_subscribe_for_client": true});
    with("presence", off.clone(), &["wrong visitor.subscribe presence"]).await;
    with("presence", no_guests, &["warn visitor.subscribe presence"]).await;
    with("site", off.clone(), &["warn visitor.subscribe site"]).await;
    with("members", off, &["wrong visitor.subscribe members"]).await;
    let guests = json!({"allow_subscribe_for_anonymous": true});
    with("members", guests, &["wrong visitor.subscribe members"]).await;
    with("private", open, &["wrong visitor.subscribe private"]).await;
}

#[tokio::test]
async fn names_that_are_refused() {
    // An expression that was copied from a watched namespace: it takes no colon.
    let of_watched = json!({"channel_regex": "^[a-z0-9_-]{1,64}$"});
    with("presence", of_watched, &["wrong visitor.subscribe presence"]).await;
    with("site", json!({"channel_regex": "^[0-9]+$"}), &["wrong visitor.subscribe site"]).await;
}

#[tokio::test]
async fn a_name_for_trials_that_is_refused_is_nobodys_fault() {
    let mut configuration = documented();
    namespace(&mut configuration, "room")["channel_regex"] = "^[0-9]+$".into();
    namespace(&mut configuration, "presence")["channel_regex"] = "^site:main$|^room:".into();
    let checks = Scene::with(configuration).await.check().await;
    assert_eq!(checks.faults(), Vec::<String>::new());
    let expected = [
        "skipped centrifugo.recovery presence",
        "skipped visitor.subscribe room",
        "skipped visitor.presence room",
        "skipped visitor.presence presence",
        "skipped visitor.publish presence",
    ];
    assert_eq!(checks.skipped(), expected);
}

#[tokio::test]
async fn a_namespace_of_another_kind() {
    let mut configuration = documented();
    *namespace(&mut configuration, "presence") = json!({
        "name": "presence", "subscription_type": "map", "map": {"mode": "recoverable", "key_ttl": "60s"},
        "allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true,
    });
    let checks = Scene::with(configuration).await.check().await;
    assert_eq!(checks.line("centrifugo.publish", "presence")["state"], "wrong");
}

#[tokio::test]
async fn origins() {
    for origins in [json!([]), json!(["https://example.com"]), json!(["http://www.example.com"])] {
        let mut configuration = documented();
        configuration["client"]["allowed_origins"] = origins;
        is_named_and_mended(configuration, &["wrong centrifugo.origin https://www.example.com"])
            .await;
    }
}

#[tokio::test]
async fn the_key_of_the_api() {
    for key in ["another", ""] {
        let mut configuration = documented();
        configuration["http_api"]["key"] = key.into();
        let mut scene = Scene::with(configuration).await;
        let checks = scene.check().await;
        let place = scene.stage.centrifugo.api_url().replace("http://", "");
        assert_eq!(checks.faults(), [format!("wrong centrifugo.api {place}")], "{checks:#?}");
        scene.follow(&checks).await;
        assert_eq!(scene.check().await.faults(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_api_that_is_elsewhere() {
    let mut configuration = documented();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    configuration["http_server"]["internal_port"] = port.to_string().into();
    configuration["http_server"]["internal_address"] = "127.0.0.1".into();
    configuration["http_api"]["external"] = false.into();
    let mut scene = Scene::with(configuration).await;
    let checks = scene.check().await;
    let place = scene.stage.centrifugo.api_url().replace("http://", "");
    assert_eq!(checks.faults(), [format!("wrong centrifugo.api {place}")], "{checks:#?}");
    let internal = format!("http://127.0.0.1:{port}/api");
    scene.stage.set("CENTRIFUGO_API_URL", &internal);
    assert_eq!(scene.check().await.faults(), Vec::<String>::new());
    scene.stage.set("CENTRIFUGO_API_URL", &scene.stage.centrifugo.api_url());
    scene.follow(&checks).await;
    assert_eq!(scene.check().await.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn the_secret_of_tokens() {
    let wrong = ["wrong tokens CENTRIFUGO_TOKEN_HMAC_SECRET"];
    let mut configuration = documented();
    configuration["client"]["token"]["hmac_secret_key"] = "another".into();
    is_named_and_mended(configuration, &wrong).await;
    for (name, variable) in
        [("audience", "CENTRIFUGO_TOKEN_AUDIENCE"), ("issuer", "CENTRIFUGO_TOKEN_ISSUER")]
    {
        let mut configuration = documented();
        configuration["client"]["token"][name] = "example".into();
        let mut scene = Scene::with(configuration).await;
        assert_eq!(scene.check().await.faults(), wrong);
        scene.stage.set(variable, "example");
        assert_eq!(scene.check().await.faults(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn public_keys() {
    let keys = Canned::start(vec![Answer::Body(200, br#"{"keys":[]}"#.to_vec())]).await.unwrap();
    let mut configuration = documented();
    configuration["client"]["token"]["jwks_public_endpoint"] = keys.url().into();
    let mut scene = Scene::with(configuration).await;
    let checks = scene.check().await;
    assert_eq!(checks.faults(), ["wrong tokens CENTRIFUGO_TOKEN_HMAC_SECRET"], "{checks:#?}");
    scene.stage.unset("CENTRIFUGO_TOKEN_HMAC_SECRET");
    scene.stage.set("CENTRIFUGO_TOKEN_JWKS_URL", &keys.url());
    let checks = scene.check().await;
    assert_eq!(checks.faults(), Vec::<String>::new(), "{checks:#?}");
    assert_eq!(checks.line("tokens", "CENTRIFUGO_TOKEN_JWKS_URL")["state"], "ok");

    let none = Canned::start(vec![Answer::Body(404, Vec::new())]).await.unwrap();
    scene.stage.set("CENTRIFUGO_TOKEN_JWKS_URL", &none.url());
    let wrong = "wrong tokens CENTRIFUGO_TOKEN_JWKS_URL";
    assert_eq!(scene.check().await.faults(), [wrong]);
}

#[tokio::test]
async fn what_a_guest_alone_finds_out() {
    let mut configuration = documented();
    let presence = namespace(&mut configuration, "presence");
    presence["allow_publish_for_client"] = true.into();
    presence["allow_publish_for_anonymous"] = true.into();
    namespace(&mut configuration, "site")["allow_subscribe_for_client"] = false.into();
    let mut scene = Scene::with(configuration).await;
    scene.stage.unset("CENTRIFUGO_TOKEN_HMAC_SECRET");
    let checks = scene.check().await;
    let expected = [
        "warn variables PRIVATE_CHANNELS",
        "warn visitor.subscribe site",
        "wrong visitor.publish presence",
    ];
    assert_eq!(checks.faults(), expected, "{checks:#?}");
    scene.follow(&checks).await;
    let checks = scene.check().await;
    assert_eq!(checks.faults(), ["warn variables PRIVATE_CHANNELS"]);
    let says = "guests can't publish there; signed-in visitors were not tried";
    assert_eq!(checks.line("visitor.publish", "presence")["says"], says);
}
