//! Servers that are not there, or are something else.

use harness::{Answer, Canned, Hook, Reception};

use crate::check::Scene;

/// The one line that is wrong.
async fn wrong(scene: &Scene, what: &str) -> String {
    let checks = scene.check().await;
    let faults = checks.faults();
    assert_eq!(faults.len(), 1, "{checks:#?}");
    let (found, of) = faults[0].strip_prefix("wrong ").unwrap().split_once(' ').unwrap();
    assert_eq!(found, what, "{checks:#?}");
    let line = checks.line(what, of);
    assert!(!line.to_string().contains("hunter2"), "{line}");
    format!("{} -> {}", line["says"].as_str().unwrap(), line["change"].as_str().unwrap())
}

#[tokio::test]
async fn a_redis_that_is_not_there_or_lets_nobody_in() {
    let mut scene = Scene::documented().await;
    let good = scene.stage.redis.url();
    let place = good.replace("redis://", "");
    let connection = "redis.connection";
    scene.stage.set("REDIS_URL", &format!("redis://nobody:hunter2@{place}"));
    assert!(wrong(&scene, connection).await.starts_with("refuses the user or the password"));
    scene.stage.set("REDIS_URL", &format!("rediss://{place}"));
    assert!(wrong(&scene, connection).await.contains("redis:// for one that does not"));
    let other = format!("redis://127.0.0.1:{}", scene.stage.centrifugo.port());
    scene.stage.set("REDIS_URL", &other);
    assert!(wrong(&scene, connection).await.starts_with("something else answers there"));
    scene.stage.set("REDIS_URL", &good);
    let password = ["CONFIG", "SET", "requirepass", "hunter2"];
    let _: String = scene.stage.redis.command(&password).await.unwrap();
    assert!(wrong(&scene, connection).await.starts_with("refuses the user or the password"));
    scene.stage.redis.stop().await;
    let gone = wrong(&scene, connection).await;
    assert!(gone.contains("Connection refused"), "{gone}");
}

#[tokio::test]
async fn a_redis_that_forbids_what_is_needed() {
    let mut scene = Scene::documented().await;
    let place = scene.stage.redis.url().replace("redis://", "");
    let good = "on >hunter2 ~rollcall:* -@all +@read +@write +@connection +@scripting";
    scene.stage.set("REDIS_URL", &format!("redis://limited:hunter2@{place}"));
    let user = async |rules: &str| {
        let words: Vec<&str> =
            ["ACL", "SETUSER", "limited", "reset"].into_iter().chain(rules.split(' ')).collect();
        let _: String = scene.stage.redis.command(&words).await.unwrap();
    };
    // What is said to be allowed is enough.
    user(good).await;
    let checks = scene.check().await;
    assert_eq!(checks.faults(), Vec::<String>::new(), "{checks:#?}");
    assert_eq!(checks.skipped(), [format!("skipped redis.version {place}")]);
    for (rules, expected) in [
        ("on >hunter2 ~rollcall:* +@all -@scripting", "it refuses scripts: "),
        ("on >hunter2 ~other:* +@all", "it refuses keys: "),
        ("on >hunter2 %R~rollcall:* +@all", "rollcall:*"),
        ("on >hunter2 ~rollcall:* +@all -del", "within a script it refuses DEL: "),
        ("on >hunter2 ~rollcall:* +@all -hset -setrange", "HSET: "),
    ] {
        user(rules).await;
        let said = wrong(&scene, "redis.rights").await;
        assert!(said.contains(expected), "{rules}: {said}");
        assert!(said.contains("ACL SETUSER … ~rollcall:* +@read +@write"), "{said}");
        let keys: Vec<String> = scene.stage.redis.command(&["KEYS", "*"]).await.unwrap();
        assert!(keys.is_empty(), "{rules} leaves {keys:?}");
    }
}

#[tokio::test]
async fn a_redis_that_only_reads() {
    let scene = Scene::documented().await;
    // A replica of nobody.
    let replica = ["REPLICAOF", "127.0.0.1", "1"];
    let _: String = scene.stage.redis.command(&replica).await.unwrap();
    let said = wrong(&scene, "redis.rights").await;
    assert!(said.starts_with("it is a replica") && said.contains("the primary"), "{said}");
}

#[tokio::test]
async fn a_centrifugo_that_is_not_there_or_something_else() {
    let mut scene = Scene::documented().await;
    let good = scene.stage.centrifugo.api_url();
    let api = "centrifugo.api";
    scene.stage.set("CENTRIFUGO_API_URL", good.trim_end_matches("/api"));
    assert!(wrong(&scene, api).await.contains("must end in /api"));
    scene.stage.set("CENTRIFUGO_API_URL", &good.replace("http://", "https://user:hunter2@"));
    assert!(wrong(&scene, api).await.contains("no TLS is spoken there"));
    let page = Canned::start(vec![Answer::Body(200, b"<html>".to_vec())]).await.unwrap();
    scene.stage.set("CENTRIFUGO_API_URL", &page.url());
    assert!(wrong(&scene, api).await.starts_with("something else answers there"));
    let redis = scene.stage.redis.url().replace("redis://", "http://");
    scene.stage.set("CENTRIFUGO_API_URL", &redis);
    assert!(wrong(&scene, api).await.contains("check host and port of CENTRIFUGO_API_URL"));
    // What a port of Go's says that speaks TLS.
    let tls = vec![Answer::Body(400, b"Client sent an HTTP request".to_vec())];
    let tls = Canned::start(tls).await.unwrap();
    scene.stage.set("CENTRIFUGO_API_URL", &tls.url());
    let said = wrong(&scene, api).await;
    assert!(said.contains("begin CENTRIFUGO_API_URL with https://"), "{said}");
}

#[tokio::test]
async fn a_centrifugo_that_is_down() {
    let mut scene = Scene::documented().await;
    scene.stage.centrifugo.stop().await;
    let checks = scene.check().await;
    let place = scene.stage.centrifugo.api_url().replace("http://", "");
    let socket = place.replace("/api", "/connection/websocket");
    let expected =
        [format!("wrong centrifugo.api {place}"), format!("warn centrifugo.socket {socket}")];
    assert_eq!(checks.faults(), expected, "{checks:#?}");
}

#[tokio::test]
async fn a_socket_that_is_not_there_or_something_else() {
    let mut scene = Scene::documented().await;
    let good = scene.stage.centrifugo.client_url();
    scene.stage.set("CENTRIFUGO_CLIENT_URL", &good.replace("/connection/websocket", "/x"));
    assert!(
        wrong(&scene, "centrifugo.socket").await.contains("no WebSocket there: HTTP status 404")
    );
    let redis = scene.stage.redis.url().replace("redis://", "ws://");
    scene.stage.set("CENTRIFUGO_CLIENT_URL", &redis);
    assert!(wrong(&scene, "centrifugo.socket").await.contains("no WebSocket there"));
    for (url, of) in [
        ("ws://nowhere.invalid/connection/websocket", "nowhere.invalid/connection/websocket"),
        ("ws://127.0.0.1:1/connection/websocket", "127.0.0.1:1/connection/websocket"),
        (&good.replace("ws://", "wss://"), &good.replace("ws://", "")),
    ] {
        scene.stage.set("CENTRIFUGO_CLIENT_URL", url);
        let checks = scene.check().await;
        assert_eq!(checks.faults(), [format!("warn centrifugo.socket {of}")], "{checks:#?}");
    }
}

#[tokio::test]
async fn a_webhook_is_reached_and_gets_a_message_if_that_is_wished() {
    let hook = Hook::start(|before| Reception::Status(if before == 0 { 204 } else { 401 }));
    let hook = hook.await.unwrap();
    let mut scene = Scene::documented().await;
    scene.stage.set("EVENT_WEBHOOK_SECRET", Hook::SECRET);
    scene.stage.set("EVENT_WEBHOOK_URL", &hook.url());
    let checks = scene.check().await;
    assert_eq!(checks.faults(), Vec::<String>::new());
    assert_eq!(checks.skipped(), ["skipped webhook.send 127.0.0.1"]);
    assert!(hook.received().is_empty());

    let checks = scene.check_with(&["--send"]).await;
    assert_eq!(checks.line("webhook.send", "127.0.0.1")["state"], "ok");
    let [message] = &hook.received()[..] else { panic!("{:?}", hook.received()) };
    assert_eq!(
        (message.forged.as_deref(), &message.body["type"]),
        (None, &"rollcall.check".into())
    );
    assert!(message.id.starts_with("evt_") && message.body["timestamp"].is_string());

    let checks = scene.check_with(&["--send"]).await;
    let refused = checks.line("webhook.send", "127.0.0.1");
    assert_eq!(refused["state"], "wrong");
    assert!(refused["says"].as_str().unwrap().contains("status 401"), "{refused}");
}

#[tokio::test]
async fn a_webhook_that_is_not_there() {
    let hook = Hook::start(|_| Reception::Status(204)).await.unwrap();
    let mut scene = Scene::documented().await;
    scene.stage.set("EVENT_WEBHOOK_SECRET", Hook::SECRET);
    for (url, expected) in [
        ("https://nowhere.invalid/hunter2".to_owned(), "check the host in EVENT_WEBHOOK_URL"),
        ("http://127.0.0.1:1/hunter2".to_owned(), "check the port in EVENT_WEBHOOK_URL"),
        (hook.url().replace("http://", "https://"), "give the receiver a certificate"),
    ] {
        scene.stage.set("EVENT_WEBHOOK_URL", &url);
        let said = wrong(&scene, "webhook.address").await;
        assert!(said.contains(expected), "{said}");
    }
    assert!(hook.received().is_empty());
}
