//! What a log may and may not hold.

use std::path::Path;

use harness::Sandbox;
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn no_log_line_names_anybody_or_a_secret() {
    let mut stage = Stage::watching("site:main,plain:x,nope:x").await;
    stage.set("AWS_LAMBDA_LOG_FORMAT", "JSON");
    stage.set("AWS_LAMBDA_LOG_LEVEL", "DEBUG");
    stage.set("EVENT_BUS_NAME", "presence");
    stage.set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    stage.set("AWS_REGION", "us-east-1");
    stage.set("AWS_ACCESS_KEY_ID", "AKIDPRIVATE");
    stage.set("AWS_SECRET_ACCESS_KEY", "private-aws-secret");
    let key = stage.centrifugo.api_key();
    let collector = Path::new(env!("CARGO_BIN_EXE_collector"));
    let mut sandbox = Sandbox::start(collector, stage.variables()).await.unwrap();
    sandbox.invoke(json!({})).await.unwrap();
    let visitor = stage.user("private-id", json!({"name": "Private Name"}), &["site:main"]).await;
    sandbox.invoke(json!({})).await.unwrap();
    visitor.leave().await;
    stage.centrifugo.wait_for_clients("site:main", 0).await.unwrap();
    let _: u64 = stage
        .redis
        .command(&["HSET", "rollcall:{site:main}:ledger", "head", "private-ledger"])
        .await
        .unwrap();
    sandbox.invoke(json!({})).await.unwrap();
    stage.redis.stop().await;
    sandbox.invoke(json!({})).await.unwrap_err();

    let log = std::fs::read_to_string(sandbox.process().log()).unwrap();
    for private in ["rivate", key, stage.centrifugo.token_secret()] {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "holds {private}");
    }
    // Every line is JSON for the log's reader; four of them are metrics.
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let metrics: Vec<&Value> = lines.iter().filter(|line| line.get("_aws").is_some()).collect();
    let ok: Vec<_> = metrics.iter().map(|line| line["RollCallOk"].as_u64().unwrap()).collect();
    assert_eq!(ok, [1, 1, 1, 0]);
    for line in metrics {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(
            (&directive["Namespace"], &directive["Dimensions"]),
            (&json!("Rollcall"), &json!([["Stack"]]))
        );
        assert_eq!(line["Stack"], "local");
        let named: Vec<&str> = directive["Metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| metric["Name"].as_str().unwrap())
            .collect();
        for name in [
            "RollCallOk",
            "LeftOut",
            "Failed",
            "Present",
            "Clients",
            "Joined",
            "Left",
            "Dropped",
            "AskMs",
            "CommitMs",
            "PublishMs",
            "AnnounceMs",
        ] {
            assert!(named.contains(&name), "{name} is not in {line}");
        }
        // No alarm and no graph asks for these.
        for name in ["Watched", "Committed", "Superseded", "Published", "Announced"] {
            assert!(line[name].is_u64() && !named.contains(&name), "{name}: {line}");
        }
        assert!(named.iter().all(|name| line[name].is_u64()), "{line}");
    }
    let has = |level: &str, text: &str| {
        lines.iter().any(|line| {
            line["level"] == level
                && line["fields"]["message"].as_str().unwrap_or("").contains(text)
        })
    };
    assert!(has("WARN", "set `presence: true`"));
    assert!(has("WARN", "ledger of channel \"site:main\" can't be read"));
    assert!(has(
        "WARN",
        "EventBridge takes nothing: Connection refused (os error 111); check EVENT_BUS_NAME"
    ));
    assert!(has("ERROR", "can't reach Redis"));
}
