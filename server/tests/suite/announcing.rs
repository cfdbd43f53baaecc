//! Events on their way to a webhook.

use harness::{Answer, Canned};
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn who_joined_is_told_to_the_webhook() {
    let mut stage = Stage::watching("site:main").await;
    let receiver = Canned::start(vec![Answer::Body(204, Vec::new())]).await.unwrap();
    stage.set("EVENT_WEBHOOK_URL", &receiver.url());
    stage.set("EVENT_WEBHOOK_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3");
    let baseline = stage.run(&["take"]).await;
    assert_eq!((baseline.status, receiver.requests()), (0, Vec::new()), "{baseline:?}");
    let _visitor = stage.user("42", "site:main").await;
    let report = stage.run(&["take"]).await.report();
    assert_eq!((&report["joined"], &report["failed"]), (&json!(1), &json!([])), "{report}");
    let events: Vec<Value> =
        receiver.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(report["announced"], events.len());
    let joined = events.iter().find(|event| event["type"] == "presence.changed").unwrap();
    assert_eq!(joined["data"]["joined"][0]["id"], "42", "{joined}");
}

#[tokio::test]
async fn a_webhook_goes_not_together_with_a_bus() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("EVENT_WEBHOOK_URL", "https://example.com/hook");
    stage.set("EVENT_WEBHOOK_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3");
    stage.set("EVENT_BUS_NAME", "presence");
    let ended = stage.run(&["take"]).await;
    assert_eq!(ended.status, 2, "{ended:?}");
    assert!(ended.stderr.starts_with("EVENT_WEBHOOK_URL goes not together"), "{ended:?}");
}
