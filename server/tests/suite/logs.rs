//! What a log may and may not hold.

use harness::{Visit, Visitor};
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn no_log_line_names_anybody_or_a_secret() {
    let mut stage = Stage::watching("site:main,plain:x").await;
    stage.set("CENTRIFUGO_TOKEN_HMAC_SECRET", "private-secret");
    stage.set("VISIBILITY", "counts");
    stage.set("PERIOD_SECONDS", "10");
    let info = json!({"name": "Private Name"});
    let visit = Visit { user: Some("private-id"), info, channels: &["site:main"] };
    let visitor = Visitor::connect(&stage.centrifugo, visit).await.unwrap();
    let serving = stage.serve().await;
    serving.roll_calls("committed", 1.0).await;
    visitor.leave().await;
    let token = ("x-rollcall-token", "private.token");
    let list = serving.ask("GET", "/v1/presence/site:main/members?private", &[token]).await;
    assert_eq!(list.status, 401);
    serving.get("/private?private=1").await;
    stage.redis.stop().await;
    serving.get("/v1/presence/site:main").await;
    serving.roll_calls("failed", 1.0).await;
    let log = serving.log();
    assert!(log.contains("set `presence: true`") && log.contains("can't reach Redis"), "{log}");
    for private in ["rivate", stage.centrifugo.api_key(), stage.centrifugo.token_secret()] {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "holds {private}");
    }
}
