//! Against answers that a real Centrifugo never gives.

use crate::util::{Rules, WITHIN, client_with};
use centrifugo::{Client, Error};
use harness::{Answer, Canned};

async fn canned(answers: Vec<Answer>) -> (Canned, Client) {
    let server = Canned::start(answers).await.unwrap();
    let client = client_with(&server.url(), "key", 40 * 1024 * 1024);
    (server, client)
}

fn ok(body: impl Into<Vec<u8>>) -> Answer {
    Answer::Body(200, body.into())
}

/// The counts of one channel in a batch of one, or the error of the call or the channel.
async fn present(client: &Client) -> Result<presence::Counts, Error> {
    let answer = client.presence(&["site:main"]).await?;
    let rules = Rules::new();
    let counts =
        |_, census: Result<presence::Census<'_>, Error>| census.map(|census| census.counts());
    answer.censuses(&["site:main"], rules.of(), counts)?.remove(0)
}

#[tokio::test]
async fn what_is_no_presence_answer_is_told_without_a_word_of_it() {
    for body in [
        "",
        "no json but Ann",
        "[]",
        "{\"replies\":5}",
        "{\"replies\":[]}",
        "{\"replies\":[5]}",
        "{\"replies\":[{\"presence\":{\"presence\":\"Ann\"}}]}",
        "{\"replies\":[{\"presence\":{}}]}",
        "{\"replies\":[{}]}",
        "{\"replies\":[{\"presence\":{\"presence\":{\"c\":{\"user\":\"Ann\"",
        "{}",
    ] {
        let (_server, client) = canned(vec![ok(body)]).await;
        let error = present(&client).await.unwrap_err();
        assert!(matches!(error, Error::Malformed(_)) && !error.is_refusal(), "{body}: {error}");
        assert!(!error.to_string().contains("Ann") && !error.to_string().contains('\n'), "{error}");
    }
}

#[tokio::test]
async fn one_reply_of_a_wrong_shape_harms_no_other() {
    let body = r#"{"replies":[5,{"error":{"code":108,"message":"not available"}},{"presence":{"presence":{"c1":{"user":"1"},"c2":7}}}]}"#;
    let (_server, client) = canned(vec![ok(body)]).await;
    let answer = client.presence(&["a", "b:x", "c"]).await.unwrap();
    let rules = Rules::new();
    let present = answer.censuses(&["a", "b:x", "c"], rules.of(), |_, census| {
        census.map(|census| census.counts().present)
    });
    let present = present.unwrap();
    assert!(matches!(present[0], Err(Error::Malformed(_))));
    assert!(matches!(present[1], Err(Error::PresenceOff { .. })));
    assert!(matches!(present[2], Ok(2)));
}

#[tokio::test]
async fn a_name_that_is_no_text_costs_only_itself() {
    let mut body =
        br#"{"replies":[{"presence":{"presence":{"c1":{"user":"1","conn_info":{"name":""#.to_vec();
    body.extend([0xff, 0xfe]);
    body.extend(br#""}},"c2":{"user":"2"}}}}]}"#);
    let (_server, client) = canned(vec![ok(body)]).await;
    assert_eq!(present(&client).await.unwrap().users, 2);
}

#[tokio::test]
async fn a_body_of_30_mb_is_read_and_one_over_the_bound_is_not() {
    let client_of = |n: usize| {
        format!(r#""c{n}":{{"user":"{n}","conn_info":{{"name":"{}"}}}}"#, "x".repeat(1000))
    };
    let body = |n: usize| {
        let clients: Vec<_> = (0..n).map(client_of).collect();
        format!(r#"{{"replies":[{{"presence":{{"presence":{{{}}}}}}}]}}"#, clients.join(","))
    };
    let (_server, client) = canned(vec![ok(body(30_000)), ok(body(45_000))]).await;
    assert_eq!(present(&client).await.unwrap().users, 30_000);
    let error = present(&client).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge(_)) && !error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_passing_fault_is_tried_once_more_and_a_lasting_one_is_not() {
    let good = || ok(r#"{"replies":[{"presence":{"presence":{}}}]}"#);
    for fault in [Answer::Close, Answer::Body(503, Vec::new())] {
        let (server, client) = canned(vec![fault.clone(), good()]).await;
        assert_eq!(present(&client).await.unwrap().present, 0, "{fault:?}");
        assert_eq!(server.requests(), ["POST /batch HTTP/1.1"; 2]);
        let (server, client) = canned(vec![fault.clone(), fault, good()]).await;
        assert!(present(&client).await.unwrap_err().is_transient());
        assert_eq!(server.requests().len(), 2, "one repetition, no more");
    }
    for lasting in [401, 404, 400, 302] {
        let (server, client) = canned(vec![Answer::Body(lasting, Vec::new()), good()]).await;
        assert!(!present(&client).await.unwrap_err().is_transient(), "{lasting}");
        assert_eq!(server.requests().len(), 1, "{lasting}");
    }
}

#[tokio::test]
async fn a_centrifugo_that_hangs_costs_seconds() {
    let (server, client) = canned(vec![Answer::Hang]).await;
    let asked = tokio::time::timeout(WITHIN, present(&client));
    assert!(matches!(asked.await.unwrap(), Err(Error::TimedOut)));
    assert_eq!(server.requests().len(), 2);
}
