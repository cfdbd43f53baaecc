//! Against a real Centrifugo.

use std::time::Duration;

use crate::util::{Rules, WITHIN, client_with};
use centrifugo::{Client, Error, Publication};
use harness::{Centrifugo, Fault, FaultProxy, Visit, Visitor, eventually};
use presence::Globs;
use serde_json::json;

fn client(centrifugo: &Centrifugo) -> Client {
    client_with(&centrifugo.api_url(), centrifugo.api_key(), Client::BODY_MAX)
}

async fn visit(centrifugo: &Centrifugo, user: Option<&str>, channels: &[&str]) -> Visitor {
    Visitor::connect(centrifugo, Visit { user, info: json!({"name": "Ann"}), channels })
        .await
        .unwrap()
}

#[tokio::test]
async fn presence_of_many_channels_comes_in_one_call_and_a_bad_one_harms_no_other() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let _ann = visit(&centrifugo, Some("42"), &["site:main"]).await;
    let _guest = visit(&centrifugo, None, &["site:main", "room:1"]).await;
    let channels = ["site:main", "nope:x", "plain:x", "bare", "room:1", "room:never used"];
    let answer = client(&centrifugo).presence(&channels).await.unwrap();
    let rules = Rules::new();
    let present = answer
        .censuses(&channels, rules.of(), |_, census| census.map(|census| census.counts().present));
    let present = present.unwrap();
    assert_eq!(present[0].as_ref().unwrap(), &2);
    let error = present[1].as_ref().unwrap_err();
    assert!(matches!(error, Error::UnknownNamespace { .. }) && error.is_refusal(), "{error}");
    assert!(error.to_string().contains("`nope`"), "{error}");
    for (index, place) in [(2, "`plain`"), (3, "channel.without_namespace")] {
        let error = present[index].as_ref().unwrap_err();
        assert!(matches!(error, Error::PresenceOff { .. }) && error.is_refusal(), "{error}");
        assert!(error.to_string().contains(place), "{error}");
        assert!(error.to_string().contains("presence: true"), "{error}");
    }
    assert_eq!(present[4].as_ref().unwrap(), &1);
    assert_eq!(present[5].as_ref().unwrap(), &0);
}

#[tokio::test]
async fn channels_are_listed_by_glob() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let _guest = visit(&centrifugo, None, &["site:main", "room:1", "room:2"]).await;
    let client = client(&centrifugo);
    let _second = visit(&centrifugo, None, &["room:2"]).await;
    let listed = client.channels("room:*").await.unwrap();
    assert_eq!(listed, [("room:1".to_owned(), 1), ("room:2".to_owned(), 2)]);
    assert!(client.channels("nobody:*").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_trial_is_published_and_taken_away_again() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let client = client(&centrifugo);
    let nodes = client.nodes().await.unwrap();
    assert!(nodes.len() == 1 && nodes[0].version.starts_with('6'), "{nodes:?}");
    assert!(client.publish_trial("presence:trial").await.unwrap());
    let history = async || {
        let asked = json!({"channel": "presence:trial", "limit": 10});
        let answer = centrifugo.api("history", &asked).await.unwrap();
        answer["publications"].as_array().unwrap().len()
    };
    assert_eq!(history().await, 1);
    client.remove_history("presence:trial").await.unwrap();
    assert_eq!(history().await, 0);
    // Where nothing is kept there is nothing to take away.
    assert!(!client.publish_trial("plain:trial").await.unwrap());
    client.remove_history("plain:trial").await.unwrap();
    let error = client.publish_trial("nope:trial").await.unwrap_err();
    assert!(matches!(error, Error::UnknownNamespace { .. }), "{error}");
}

#[tokio::test]
async fn a_list_that_takes_long_is_waited_for() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let _guest = visit(&centrifugo, None, &["room:1"]).await;
    let proxy = FaultProxy::start(centrifugo.port()).await.unwrap();
    let url = format!("http://127.0.0.1:{}/api", proxy.port());
    let client = client_with(&url, centrifugo.api_key(), Client::BODY_MAX);
    let slow = || proxy.strike_whenever("room:*", Fault::Slow(Duration::from_secs(5)));
    slow();
    assert_eq!(client.channels("room:*").await.unwrap().len(), 1);
    assert_eq!(proxy.strikes(), 1, "how long it takes is not known at first");
    proxy.rest();
    assert_eq!(client.channels("room:*").await.unwrap().len(), 1);
    slow();
    assert_eq!(client.channels("room:*").await.unwrap().len(), 1);
    assert_eq!(proxy.strikes(), 3, "of a short one the first try ends sooner");
}

#[tokio::test]
async fn what_centrifugo_takes_for_a_glob_is_one_here_and_what_it_refuses_is_none() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let client = client(&centrifugo);
    for good in
        ["room:a}*", "room:{a}}", "room:[ab]", "room:[!a-c]*", "room:{a,b*}", "room:\\**", "]*"]
    {
        assert!(client.channels(good).await.is_ok(), "{good}");
        assert!(Globs::parse(good).is_ok(), "{good}");
    }
    for bad in ["room:[a", "room:[]", "room:{a", "room:[c-a]", "room:[a-cx]", "room:\\"] {
        let error = client.channels(bad).await.unwrap_err();
        assert!(matches!(error, Error::Api { code: 100, .. }), "{bad}: {error}");
        assert!(Globs::parse(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn a_publication_reaches_its_subscribers_once_and_never_goes_back() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let mut visitor = visit(&centrifugo, None, &["presence:site:main"]).await;
    let client = client(&centrifugo);
    let publication = |version, idempotency_key, data| Publication {
        channel: "presence:site:main",
        data,
        version,
        version_epoch: "e",
        idempotency_key,
    };
    let unknown = Publication { channel: "nope:x", ..publication(2, "k", "{}") };
    let results = client.publish(&[publication(2, "two", "{\"n\":2}"), unknown]).await;
    assert!(results[0].is_ok(), "{results:?}");
    assert!(matches!(results[1], Err(Error::UnknownNamespace { .. })), "{results:?}");
    client.publish(&[publication(1, "one", "{\"n\":1}")]).await[0].as_ref().unwrap();
    client.publish(&[publication(2, "two", "{\"n\":2}")]).await[0].as_ref().unwrap();
    client.publish(&[publication(3, "three", "{\"n\":3}")]).await[0].as_ref().unwrap();
    // Neither the older version nor the repetition came between.
    assert_eq!(
        visitor.next_publication("presence:site:main").await.unwrap().data.get(),
        "{\"n\":2}"
    );
    assert_eq!(
        visitor.next_publication("presence:site:main").await.unwrap().data.get(),
        "{\"n\":3}"
    );
}

#[tokio::test]
async fn more_publications_than_one_call_takes_all_arrive() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let channels: Vec<String> = (0..250).map(|n| format!("presence:room:{n}")).collect();
    let publications: Vec<_> = channels
        .iter()
        .map(|channel| Publication {
            channel,
            data: "{}",
            version: 1,
            version_epoch: "e",
            idempotency_key: "k",
        })
        .collect();
    let results = client(&centrifugo).publish(&publications).await;
    assert_eq!(results.len(), 250);
    assert!(results.iter().all(Result::is_ok));
    let last = visit(&centrifugo, None, &["presence:room:249"]).await;
    assert_eq!(last.cached("presence:room:249").unwrap().data.get(), "{}");
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_path_are_told_apart() {
    let centrifugo = Centrifugo::start().await.unwrap();
    let error = client_with(&centrifugo.api_url(), "wrong", 1)
        .presence(&["site:main"])
        .await
        .err()
        .unwrap();
    assert!(matches!(error, Error::KeyRefused) && error.is_refusal(), "{error}");
    assert!(error.to_string().contains("CENTRIFUGO_API_KEY"), "{error}");
    let elsewhere = centrifugo.api_url().replace("/api", "/elsewhere");
    let error = client_with(&elsewhere, centrifugo.api_key(), 1)
        .presence(&["site:main"])
        .await
        .err()
        .unwrap();
    assert!(matches!(error, Error::NoApi(404)) && error.is_refusal(), "{error}");
}

#[tokio::test]
async fn a_centrifugo_that_is_gone_is_told_in_a_line_and_works_again_when_it_is_back() {
    let mut centrifugo = Centrifugo::start().await.unwrap();
    let client = client(&centrifugo);
    client.presence(&["site:main"]).await.unwrap();
    centrifugo.stop().await;
    let error = client.presence(&["site:main"]).await.err().unwrap();
    assert!(matches!(error, Error::Unreachable(_)) && error.is_transient(), "{error}");
    assert!(error.to_string().contains("refused") && !error.to_string().contains('\n'), "{error}");
    centrifugo.restart().await.unwrap();
    let answered = async || client.presence(&["site:main"]).await.ok();
    eventually(WITHIN, "Centrifugo answers again", answered).await.unwrap();
}
