//! Several channels in one request.

use presence::Views;
use serde_json::Value;

use crate::stage::{Stage, TAKEN_AT};

/// Keeps a list of so many bytes.
async fn keep_list(stage: &Stage, channel: &str, taken_at: u64, length: usize) -> String {
    let list = format!("{{\"members\":[\"{}\"]}}", "x".repeat(length - 16));
    assert_eq!(list.len(), length);
    let views = Views { counts: "{\"counts\":{}}".into(), members: list.clone() };
    stage.keep_views(channel, taken_at, 1, &views).await;
    list
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The names in an answer, in their order.
fn names(body: &str) -> Vec<String> {
    let answer: Value = serde_json::from_str(body).unwrap();
    assert_eq!(answer["v"], 1);
    let mut names: Vec<(usize, String)> = answer["channels"]
        .as_object()
        .unwrap()
        .keys()
        .map(|name| (body.find(&format!("\"{name}\":")).unwrap(), name.clone()))
        .collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

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

#[tokio::test]
async fn fifty_big_lists_end_at_four_mebibytes() {
    const BIG: usize = 256 * 1024;
    /// So many have room.
    const FIT: usize = 15;
    let stage = Stage::start(&[]).await;
    let mut lists = Vec::new();
    for n in 0..49 {
        // Those that are left out are older, and say nothing about how long the answer may be kept.
        let taken_at = if n < FIT { TAKEN_AT } else { TAKEN_AT - 15_000 };
        lists.push(keep_list(&stage, &format!("room:{n}"), taken_at, BIG).await);
    }
    stage.keep("room:small").await;
    let all: Vec<String> = (0..49).map(|n| format!("room:{n}")).collect();
    let ask = async |channels: &[&str]| {
        stage.get(&format!("/v1/presence?channels={}", channels.join(","))).await
    };
    let mut asked = vec!["else"];
    asked.extend(all.iter().map(String::as_str));
    asked.truncate(49);
    asked.push("room:small");
    let answer = ask(&asked).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.len() <= 4 * 1024 * 1024, "{}", answer.body.len());
    let within = &asked[..=FIT];
    assert_eq!(
        names(&answer.body),
        owned(within),
        "one that is small is left out too: the rest is"
    );
    let known: Value = serde_json::from_str(&answer.body).unwrap();
    assert!(known["channels"]["else"].is_null());
    assert!(answer.body.contains(&format!("\"room:14\":{}}}}}", lists[FIT - 1])), "byte for byte");
    assert!(answer.header("cache-control").contains("s-maxage=41"), "by the oldest in it");
    let whole = ask(within).await;
    assert!(whole.body == answer.body, "{}", whole.body.len());
    assert_eq!(whole.header("etag"), answer.header("etag"));
    assert_ne!(ask(&asked[..FIT]).await.header("etag"), answer.header("etag"));
    let path = format!("/v1/presence?channels={}", asked.join(","));
    let tag = answer.header("etag");
    assert_eq!(stage.ask("GET", &path, &[("if-none-match", tag)]).await.status, 304);

    // As soon as there is room, more of them come, under another tag.
    stage.later(1000);
    keep_list(&stage, "room:0", TAKEN_AT + 1, 100).await;
    let more = stage.ask("GET", &path, &[("if-none-match", tag)]).await;
    assert_eq!((more.status.as_u16(), names(&more.body)), (200, owned(&asked[..=FIT + 1])));
    // What was left out can be had alone.
    assert!(stage.get("/v1/presence/room:48").await.body == lists[48]);
}

#[tokio::test]
async fn a_view_too_big_for_any_company_is_to_be_asked_for_alone() {
    let stage = Stage::start(&[]).await;
    let list = keep_list(&stage, "room:1", TAKEN_AT, 4 * 1024 * 1024).await;
    stage.keep("room:2").await;
    let answer = stage.get("/v1/presence?channels=room:1,room:2").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "{\"v\":1,\"channels\":{}}"));
    assert_eq!(
        (answer.header("etag"), answer.header("cache-control")),
        ("", "public, max-age=0, s-maxage=5")
    );
    assert!(stage.get("/v1/presence/room:1").await.body == list);
}
