use std::collections::BTreeMap;

use harness::tools::Silent;
use harness::{Centrifugo, Functions, Redis, Site, Visit, Visitor, http_client};
use serde_json::json;

fn environment(centrifugo: &Centrifugo, redis: &Redis) -> BTreeMap<String, String> {
    let variables = [
        ("WATCH_CHANNELS", "site:*".to_owned()),
        ("CENTRIFUGO_API_URL", centrifugo.api_url()),
        ("CENTRIFUGO_API_KEY", centrifugo.api_key().to_owned()),
        ("CENTRIFUGO_CLIENT_URL", centrifugo.client_url()),
        ("REDIS_URL", redis.url()),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

#[tokio::test]
async fn a_roll_call_goes_the_whole_way() {
    let mut centrifugo = Centrifugo::start().await.unwrap();
    let redis = Redis::start().await.unwrap();
    let mut functions = Functions::start(environment(&centrifugo, &redis), &Silent).await.unwrap();
    let site = Site::start(0, &functions.snapshot_url()).await.unwrap();
    let visit = Visit {
        user: Some("42"),
        info: json!({ "name": "Ann" }),
        channels: &["site:main", "presence:site:main"],
    };
    let mut ann = Visitor::connect(&centrifugo, visit).await.unwrap();

    let report = functions.roll_call().await.unwrap();
    assert_eq!(report["roll_calls"][0]["committed"], 1, "{report}");
    let published = ann.next_publication("presence:site:main").await.unwrap();
    let url = format!("{}/v1/presence/site:main", site.url());
    let served = http_client().unwrap().get(&url).send().await.unwrap().text().await.unwrap();
    assert_eq!(served, published.data.get());
    assert_eq!(published.json()["members"][0]["info"]["name"], "Ann");

    // An invocation that fails is an error with its type.
    centrifugo.stop().await;
    let failed = functions.roll_call().await.unwrap_err().to_string();
    assert!(failed.starts_with("CentrifugoUnavailable: "), "{failed}");

    functions.stop().await;
    let answer = http_client().unwrap().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 502);
}

#[tokio::test]
async fn a_function_that_does_not_start_is_one_line() {
    let environment = BTreeMap::from([("REDIS_URL".to_owned(), "nonsense".to_owned())]);
    let error = Functions::start(environment, &Silent).await.unwrap_err().to_string();
    assert!(error.starts_with("the function `snapshot` does not start: "), "{error}");
    assert!(error.contains("WATCH_CHANNELS"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}
