//! Status, headers and body of every route.

use serde_json::{Value, json};

use crate::stage::{Stage, TAKEN_AT};

#[tokio::test]
async fn a_view_is_served_byte_for_byte_with_tag_and_freshness() {
    let stage = Stage::start(&[]).await;
    let views = stage.keep("site:main").await;
    for path in ["/v1/presence/site:main", "/v1/presence/site%3Amain"] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, views.members);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("etag"), format!("\"{TAKEN_AT}-members\""));
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=0, s-maxage=41, stale-while-revalidate=5, stale-if-error=3600"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-expose-headers"), "ETag, Date, Age");
    }
}

#[tokio::test]
async fn with_visibility_counts_the_public_gets_numbers() {
    let stage = Stage::start(&[("VISIBILITY", "counts")]).await;
    let views = stage.keep("site:main").await;
    let answer = stage.get("/v1/presence/site:main").await;
    assert_eq!(answer.body, views.counts);
    assert_eq!(answer.header("etag"), format!("\"{TAKEN_AT}-counts\""));
}

#[tokio::test]
async fn who_has_the_view_gets_no_body() {
    let stage = Stage::start(&[]).await;
    stage.keep("site:main").await;
    let tag = format!("W/\"{TAKEN_AT}-members\"");
    let answer = stage.ask("GET", "/v1/presence/site:main", &[("if-none-match", &tag)]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (304, ""));
    assert_eq!(answer.header("etag"), &tag[2..]);
    assert!(answer.header("cache-control").contains("s-maxage=41"));
    let long = format!("\"{}\"", "x".repeat(100_000));
    let list = format!("\"x\", {tag},\"y\"");
    for (header, status) in [
        ("\"x\"", 200),
        ("W/\"x\", \"y\"", 200),
        ("garbage", 200),
        ("\"", 200),
        ("", 200),
        (",,;\t", 200),
        (&long, 200),
        (&list, 304),
        ("*", 304),
    ] {
        let answer = stage.ask("GET", "/v1/presence/site:main", &[("if-none-match", header)]).await;
        assert_eq!(answer.status, status, "{header:.60}");
    }
    let none = stage.ask("GET", "/v1/presence/room:none", &[("if-none-match", "*")]).await;
    none.assert_problem(404, "no_snapshot");
}

#[tokio::test]
async fn what_is_not_there_is_told_apart() {
    let stage = Stage::start(&[]).await;
    stage.get("/v1/presence/room:7").await.assert_problem(404, "no_snapshot");
    stage.get("/v1/presence/elsewhere").await.assert_problem(404, "unknown_channel");
    stage.get("/v1/presence//members").await.assert_problem(404, "unknown_channel");
    stage.get("/v1/presence/presence:room:7").await.assert_problem(404, "unknown_channel");
    for path in [
        "/",
        "/v1",
        "/v1/presence/",
        "/v1/presence/site:main/x",
        "/v1/presence/site:main/badge",
        "/v1/presence/site:main/",
        "/v2/presence/site:main",
    ] {
        stage.get(path).await.assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn where_nothing_is_kept_a_page_learns_where_the_socket_is() {
    let url = "wss://rt.example.com/connection/websocket";
    let stage = Stage::start(&[("CENTRIFUGO_CLIENT_URL", url)]).await;
    let answer = stage.get("/v1/presence/room:7").await;
    answer.assert_problem(404, "no_snapshot");
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["live"], json!({"url": url, "channel": "presence:room:7"}));
    let elsewhere = stage.get("/v1/presence/elsewhere").await;
    assert!(!elsewhere.body.contains("live"), "{}", elsewhere.body);
}

#[tokio::test]
async fn any_channel_name_can_be_asked_for() {
    let stage = Stage::start(&[]).await;
    let long = format!("room:{}", "x".repeat(250));
    for (channel, path) in [
        ("room:{a}", "/v1/presence/room:%7Ba%7D"),
        ("room:a b", "/v1/presence/room:a%20b"),
        ("room:ü/é", "/v1/presence/room:%C3%BC%2F%C3%A9"),
        (&long, &format!("/v1/presence/{long}")),
    ] {
        stage.keep(channel).await;
        assert_eq!(stage.get(path).await.status, 200, "{path}");
    }
    stage.get("/v1/presence/room:%ff").await.assert_problem(400, "bad_request");
    stage.get("/v1/presence/room%253A7").await.assert_problem(404, "unknown_channel");
    stage
        .get(&format!("/v1/presence/{}", "y".repeat(10_000)))
        .await
        .assert_problem(404, "unknown_channel");
}

#[tokio::test]
async fn thousands_of_channels_not_watched_cost_redis_nothing() {
    let stage = Stage::start(&[]).await;
    let list = (0..50).map(|n| format!("unknown:{n}")).collect::<Vec<_>>().join(",");
    let commands = stage.commands_for(async || {
        for n in 0..3000 {
            let channel = format!("/v1/presence/unknown:{n}");
            for below in ["", "/members", "/history", "/badge.svg"] {
                let answer = stage.get(&format!("{channel}{below}")).await;
                assert_eq!(answer.status, 404);
            }
        }
        assert_eq!(stage.get(&format!("/v1/presence?channels={list}")).await.status, 200);
    });
    assert_eq!(commands.await, 0);
    // The count does count.
    assert!(stage.commands_for(async || drop(stage.get("/v1/presence/room:1").await)).await > 0);
}

#[tokio::test]
async fn head_options_and_other_methods() {
    let stage = Stage::start(&[]).await;
    let views = stage.keep("site:main").await;
    let head = stage.ask("HEAD", "/v1/presence/site:main", &[]).await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), views.members.len().to_string());
    let head = stage.ask("HEAD", "/anywhere", &[]).await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (404, ""));
    for path in [
        "/v1/presence?channels=site:main",
        "/v1/presence/site:main",
        "/v1/presence/site:main/members",
        "/v1/presence/site:main/history",
        "/v1/presence/site:main/badge.svg",
        "/v1/health",
    ] {
        assert_eq!(stage.ask("POST", path, &[]).await.status, 405, "{path}");
    }
    for path in ["/v1/presence/site:main", "/v1/health", "/anywhere"] {
        let options = stage.ask("OPTIONS", path, &[]).await;
        assert_eq!(options.status, 204, "{path}");
        assert_eq!(
            options.header("access-control-allow-headers"),
            "X-Rollcall-Token, If-None-Match"
        );
        assert_eq!(options.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "BREW"] {
        for path in ["/v1/presence/site:main", "/anywhere"] {
            let answer = stage.ask(method, path, &[]).await;
            answer.assert_problem(405, "method_not_allowed");
            assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn health_says_that_redis_answers() {
    let stage = Stage::start(&[]).await;
    let answer = stage.get("/v1/health").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "{\"status\":\"ok\"}"));
    assert_eq!(answer.header("cache-control"), "private, no-store");
}

#[tokio::test]
async fn headers_beyond_all_limits_change_nothing() {
    let stage = Stage::start(&[]).await;
    stage.keep("site:main").await;
    let long = "x".repeat(1_000_000);
    let names: Vec<String> = (0..2000).map(|n| format!("x-header-{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    for headers in [vec![("x-rollcall-token", long.as_str()), ("cookie", &long)], many] {
        assert_eq!(stage.ask("GET", "/v1/presence/site:main", &headers).await.status, 200);
    }
}
