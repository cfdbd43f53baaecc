//! Collectors that overlap.

use std::collections::{BTreeMap, BTreeSet};

use harness::Moto;
use serde_json::json;

use crate::stage::{Stage, T0};

const ROUNDS: u64 = 67;

#[tokio::test]
async fn three_collectors_at_once_for_200_roll_calls_tell_each_change_under_one_id() {
    let moto = Moto::start().await.unwrap();
    let queue = moto.bus_with_queue("presence").await.unwrap();
    let mut stage = Stage::watching("site:main").await;
    stage.set("EVENT_BUS_NAME", "presence");
    stage.set("AWS_ENDPOINT_URL", &moto.url());
    stage.set("LEAVE_GRACE_SECONDS", "0");
    stage.roll_call(T0).await.unwrap();
    let mut newest = T0;
    let mut visitor = None;
    for round in 0..ROUNDS {
        // Each round somebody comes, and who came in the round before has gone.
        let next = stage.user(&format!("user {round}"), json!({}), &["site:main"]).await;
        if let Some(before) = visitor.replace(next) {
            harness::Visitor::leave(before).await;
        }
        stage.centrifugo.wait_for_clients("site:main", 1).await.unwrap();
        let at = T0 + (round + 1) * 60_000;
        let reports =
            tokio::join!(stage.roll_call(at + 2), stage.roll_call(at), stage.roll_call(at + 1));
        for report in [reports.0.unwrap(), reports.1.unwrap(), reports.2.unwrap()] {
            assert_eq!(report.committed + report.superseded, 1, "{report:?}");
            assert_eq!(report.failed, []);
        }
        let taken_at = stage.members("site:main").await.unwrap()["taken_at"].as_u64().unwrap();
        assert!(taken_at > newest, "{taken_at} after {newest}");
        newest = taken_at;
    }

    let mut ids: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for event in queue.take().await.unwrap() {
        for list in ["joined", "left"] {
            for user in event["detail"][list].as_array().into_iter().flatten() {
                let change = (list.to_owned(), user["id"].as_str().unwrap().to_owned());
                ids.entry(change)
                    .or_default()
                    .insert(event["detail"]["id"].as_str().unwrap().to_owned());
            }
        }
    }
    for round in 0..ROUNDS {
        let told = |list: &str| {
            ids.get(&(list.to_owned(), format!("user {round}"))).map_or(0, BTreeSet::len)
        };
        assert_eq!(told("joined"), 1, "user {round} joined");
        assert_eq!(told("left"), usize::from(round + 1 < ROUNDS), "user {round} left");
    }
}
