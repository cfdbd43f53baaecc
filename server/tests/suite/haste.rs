//! Answers while a roll call is under way.

use std::time::{Duration, Instant};

use harness::{Answer, Canned};

use crate::stage::Stage;

/// Clients of a channel: reading so many takes a debug build seconds.
const CLIENTS: usize = 100_000;
const LONGEST: Duration = Duration::from_millis(100);

/// What Centrifugo answers to a batch that asks who is in one channel.
fn presence() -> Vec<u8> {
    let clients = (0..CLIENTS).map(|n| {
        format!(
            r#""{n:08x}-aaaa-bbbb-cccc-0123456789ab":{{"client":"{n:08x}-aaaa-bbbb-cccc-0123456789ab","user":"{n}","conn_info":{{"name":"User {n}"}}}}"#
        )
    });
    let clients = clients.collect::<Vec<_>>().join(",");
    format!(r#"{{"replies":[{{"presence":{{"presence":{{{clients}}}}}}}]}}"#).into_bytes()
}

#[tokio::test]
async fn a_roll_call_under_way_delays_no_answer() {
    let mut slowest = Vec::new();
    // A busy machine delays an answer, too: one round of three is enough to show that we do not.
    for _ in 0..3 {
        let mut stage = Stage::watching("site:main").await;
        let presence = Answer::Body(200, presence());
        let published = Answer::Body(200, br#"{"replies":[{"publish":{}}]}"#.to_vec());
        let centrifugo = Canned::start(vec![presence, published]).await.unwrap();
        stage.set("CENTRIFUGO_API_URL", &centrifugo.url());
        let serving = stage.serve().await;
        let asked = async || (!centrifugo.requests().is_empty()).then_some(());
        harness::eventually(Duration::from_secs(10), "it asks", asked).await.unwrap();
        let mut longest = Duration::ZERO;
        let mut n_answers = 0;
        let begun = Instant::now();
        while stage.members("site:main").await.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", serving.log());
            for path in ["/v1/presence/site:main", "/v1/health", "/roll-call.js"] {
                let asked = Instant::now();
                serving.get(path).await;
                longest = longest.max(asked.elapsed());
                n_answers += 1;
            }
        }
        assert!(n_answers >= 30, "{n_answers} answers in {:?}", begun.elapsed());
        if longest < LONGEST {
            return;
        }
        slowest.push(longest);
    }
    panic!("{slowest:?}");
}
