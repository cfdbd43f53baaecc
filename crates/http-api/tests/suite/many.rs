//! Several channels in one request.

use crate::stage::{Stage, TAKEN_AT};

#[tokio::test]
async fn views_come_byte_for_byte_and_null_for_what_is_not_kept() {
    let stage = Stage::start(&[]).await;
    let (main, one) =
        (stage.keep("site:main").await, stage.take("room:1", TAKEN_AT - 10_000, 5).await);
    let path = "/v1/presence?channels=site:main,room:none,room%3A1,else%22where,site:main";
    let answer = stage.get(path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.body,
        format!(
            "{{\"v\":1,\"channels\":{{\"site:main\":{},\"room:none\":null,\"room:1\":{},\"else\\\"where\":null}}}}",
            main.members, one.members
        )
    );
    assert!(answer.header("cache-control").contains("s-maxage=31"), "by the oldest of them");
    let tag = answer.header("etag");
    assert_eq!(stage.ask("GET", path, &[("if-none-match", tag)]).await.status, 304);
    stage.later(1000);
    stage.take("room:1", TAKEN_AT + 1, 6).await;
    let changed = stage.ask("GET", path, &[("if-none-match", tag)]).await;
    assert_eq!(changed.status, 200, "one of them is another");
}

#[tokio::test]
async fn with_visibility_counts_no_list_comes_this_way() {
    let stage = Stage::start(&[("VISIBILITY", "counts")]).await;
    let views = stage.keep("site:main").await;
    let answer = stage.get("/v1/presence?channels=site:main").await;
    assert_eq!(answer.body, format!("{{\"v\":1,\"channels\":{{\"site:main\":{}}}}}", views.counts));
}

#[tokio::test]
async fn at_most_fifty_and_at_least_one() {
    let stage = Stage::start(&[]).await;
    let list = |n: usize| (0..n).map(|n| format!("room:{n}")).collect::<Vec<_>>().join(",");
    stage.keep("room:49").await;
    let answer = stage.get(&format!("/v1/presence?channels={}", list(50))).await;
    assert!(answer.status == 200 && answer.header("etag").ends_with("0000\""), "{}", answer.body);
    for query in [
        &format!("?channels={}", list(51)),
        &format!("?channels=a{}", ",a".repeat(50)),
        "",
        "?",
        "?channels",
        "?channels=",
        "?channels=,",
        "?channels=a,,b",
        "?channels=%ff",
        "?channels=a&channels=b",
    ] {
        stage.get(&format!("/v1/presence{query}")).await.assert_problem(400, "bad_request");
    }
    let nothing = stage.get("/v1/presence?channels=room:a,else").await;
    assert_eq!(nothing.body, "{\"v\":1,\"channels\":{\"room:a\":null,\"else\":null}}");
    assert_eq!(nothing.header("cache-control"), "public, max-age=0, s-maxage=5");
}

#[tokio::test]
async fn one_bad_channel_harms_no_other() {
    let stage = Stage::start(&[]).await;
    let views = stage.keep("room:1").await;
    let _: () = stage.redis.command(&["SET", "rollcall:{room:2}:view", "text"]).await.unwrap();
    let answer = stage.get("/v1/presence?channels=room:2,room:1").await;
    let body = format!("{{\"v\":1,\"channels\":{{\"room:2\":null,\"room:1\":{}}}}}", views.members);
    assert_eq!(answer.body, body);
}
