//! What is away when it starts, or goes away.

use std::time::Duration;

use harness::eventually;

use crate::stage::Stage;

#[tokio::test]
async fn it_starts_whatever_is_away_says_so_once_and_tries_again() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    stage.redis.stop().await;
    stage.centrifugo.stop().await;
    let serving = stage.serve().await;
    assert_eq!(serving.get("/").await.status, 200);
    assert_eq!(serving.get("/v1/health").await.status, 503);
    let unknown = serving.get("/v1/presence/site:main").await;
    assert!(unknown.text().contains("store_unavailable"), "{}", unknown.text());
    serving.roll_calls("failed", 2.0).await;
    let said = |text: &str| serving.log().lines().filter(|line| line.contains(text)).count();
    assert_eq!(said("ERROR StoreUnavailable: can't reach Redis"), 1, "{}", serving.log());

    stage.redis.restart().await.unwrap();
    stage.centrifugo.restart().await.unwrap();
    serving.roll_calls("committed", 1.0).await;
    let is_back = async || (said("Roll calls are taken again") == 1).then_some(());
    eventually(Duration::from_secs(2), "it is said", is_back).await.unwrap();
    assert_eq!(serving.get("/v1/health").await.status, 200);
    assert_eq!(serving.get("/v1/presence/site:main").await.status, 200);
}
