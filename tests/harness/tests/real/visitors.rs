use harness::{Centrifugo, Visit, Visitor};
use serde_json::json;

fn guest<'a>(channels: &'a [&'a str]) -> Visit<'a> {
    Visit { user: None, info: json!(null), channels }
}

#[tokio::test]
async fn a_visitor_is_present_until_it_leaves() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let info = json!({ "name": "Ann", "avatar": "https://example.com/a.png" });
    let visit = Visit { user: Some("42"), info: info.clone(), channels: &["site:main"] };
    let ann = Visitor::connect(&centrifugo, visit).await.unwrap();
    let other = Visitor::connect(&centrifugo, guest(&["site:main", "room:1"])).await.unwrap();

    let present = centrifugo.presence("site:main").await.unwrap();
    assert_eq!(present.len(), 2);
    assert_eq!(present[ann.client()]["user"], "42");
    assert_eq!(present[ann.client()]["conn_info"], info);
    assert_eq!(present[other.client()]["user"], "");

    ann.leave().await;
    centrifugo.wait_for_clients("site:main", 1).await.unwrap();
    drop(other);
    centrifugo.wait_for_clients("site:main", 0).await.unwrap();
    centrifugo.wait_for_clients("room:1", 0).await.unwrap();
}

#[tokio::test]
async fn publications_come_live_and_from_the_cache() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let channel = "presence:site:main";
    let mut early =
        Visitor::connect(&centrifugo, guest(&[channel, "presence:room:1"])).await.unwrap();
    assert!(early.cached(channel).is_none());
    for (name, version) in [("presence:room:1", 6), (channel, 7), (channel, 8)] {
        let body = json!({ "channel": name, "data": { "v": version }, "version": version });
        centrifugo.api("publish", &body).await.unwrap();
    }

    let first = early.next_publication(channel).await.unwrap();
    assert_eq!((first.data.get(), first.version), (r#"{"v":7}"#, Some(7)));
    assert_eq!(early.next_publication(channel).await.unwrap().version, Some(8));
    assert_eq!(early.next_publication("presence:room:1").await.unwrap().json(), json!({ "v": 6 }));

    let late = Visitor::connect(&centrifugo, guest(&[channel])).await.unwrap();
    assert_eq!(late.cached(channel).unwrap().data.get(), r#"{"v":8}"#);
}

#[tokio::test]
async fn permissions_are_those_of_the_namespaces() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let channels = ["site:main", "members:site:main"];
    let nobody = Visitor::connect(&centrifugo, guest(&channels)).await.unwrap();
    assert!(nobody.is_subscribed("site:main"));
    assert!(!nobody.is_subscribed("members:site:main"));
    let visit = Visit { user: Some("42"), info: json!({}), channels: &channels };
    assert!(Visitor::connect(&centrifugo, visit).await.unwrap().is_subscribed("members:site:main"));

    let refused = centrifugo.presence("plain:1").await.unwrap_err().to_string();
    assert!(refused.contains("108"), "{refused}");
    // One that does not exist harms no other.
    let lost = Visitor::connect(&centrifugo, guest(&["nowhere:1", "site:main"])).await.unwrap();
    assert!(!lost.is_subscribed("nowhere:1") && lost.is_subscribed("site:main"));
    let url = centrifugo.client_url();
    let forged = Visitor::connect_to(&url, Some("a.b.c"), &["site:main"]).await.unwrap_err();
    assert!(forged.to_string().contains("3500"), "{forged}");
}

#[tokio::test]
async fn a_restart_forgets_and_keeps_the_port() {
    let mut centrifugo = Centrifugo::start().await.unwrap();
    let url = centrifugo.api_url();
    let mut visitor = Visitor::connect(&centrifugo, guest(&["site:main"])).await.unwrap();
    centrifugo.restart().await.unwrap();
    assert_eq!(centrifugo.api_url(), url);
    assert_eq!(centrifugo.presence("site:main").await.unwrap().len(), 0);
    let end = visitor.next_publication("site:main").await.unwrap_err().to_string();
    assert!(end.contains("3001"), "{end}");
}
