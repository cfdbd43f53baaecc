//! The badge.

use crate::stage::{Stage, TAKEN_AT};

#[tokio::test]
async fn a_badge_shows_the_number_grouped() {
    let stage = Stage::start(&[("VISIBILITY", "counts")]).await;
    for (present, text) in [(0, "0"), (1, "1"), (999, "999"), (1_234_567, "1,234,567")] {
        let channel = format!("room:{present}");
        stage.take(&channel, TAKEN_AT, present).await;
        let answer = stage.get(&format!("/v1/presence/{channel}/badge.svg")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "image/svg+xml");
        assert_eq!(answer.header("etag"), format!("\"{TAKEN_AT}-badge\""));
        assert!(answer.header("cache-control").contains("s-maxage=41"));
        let title = format!("<title>online: {text}</title>");
        assert!(answer.body.contains(&title), "{}", answer.body);
    }
    let known = format!("\"{TAKEN_AT}-badge\"");
    let path = "/v1/presence/room:1/badge.svg";
    assert_eq!(stage.ask("GET", path, &[("if-none-match", &known)]).await.status, 304);
}

#[tokio::test]
async fn what_is_not_known_is_not_zero() {
    let stage = Stage::start(&[]).await;
    let answer = stage.get("/v1/presence/room:1/badge.svg").await;
    assert_eq!(answer.status, 200, "an image in a page must be drawn");
    assert!(answer.body.contains("<title>online: unknown</title>"), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "public, max-age=0, s-maxage=5");
    assert_eq!(answer.header("etag"), "");
    stage.get("/v1/presence/elsewhere/badge.svg").await.assert_problem(404, "unknown_channel");
}

#[tokio::test]
async fn a_label_is_checked_and_escaped() {
    let stage = Stage::start(&[]).await;
    stage.take("site:main", TAKEN_AT, 5).await;
    let badge =
        async |query: &str| stage.get(&format!("/v1/presence/site:main/badge.svg?{query}")).await;
    let script = badge("label=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert_eq!(script.status, 200);
    assert!(!script.body.contains("<script"), "{}", script.body);
    let answer = badge("label=here+now&x=1").await;
    assert!(answer.body.contains("<title>here now: 5</title>"), "{}", answer.body);
    assert_eq!(badge(&format!("label={}", "%C3%BC".repeat(64))).await.status, 200);
    for query in [
        &format!("label={}", "%C3%BC".repeat(65)),
        "label=%00",
        "label=a%0Ab",
        "label=%ff",
        "label=%EF%BF%BF",
        "label=a&label=b",
    ] {
        badge(query).await.assert_problem(400, "bad_request");
    }
}
