//! Collectors that overlap.

use harness::{Moto, told_under};
use serde_json::json;

use crate::stage::{Stage, T0};

const ROUNDS: u64 = 67;

#[tokio::test]
async fn three_collectors_at_once_for_200_roll_calls_tell_each_change_under_one_id() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let mut stage = Stage::watching("site:main").await;
    stage.set("EVENT_BUS_NAME", queue.bus());
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

    let events = queue.take().await.unwrap();
    for round in 0..ROUNDS {
        let user = format!("user {round}");
        assert_eq!(told_under("joined", &user, &events).len(), 1, "{user} joined");
        let left = told_under("left", &user, &events).len();
        assert_eq!(left, usize::from(round + 1 < ROUNDS), "{user} left");
    }
}

#[tokio::test]
async fn two_roll_calls_of_one_moment_are_one_against_everybodys_grace() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let mut stage = Stage::watching("site:main").await;
    stage.set("EVENT_BUS_NAME", queue.bus());
    stage.set("AWS_ENDPOINT_URL", &moto.url());
    stage.set("PERIOD_SECONDS", "10");
    stage.set("LEAVE_GRACE_SECONDS", "20");
    let ann = stage.user("ann", json!({}), &["site:main"]).await;
    stage.roll_call(T0).await.unwrap();
    ann.leave().await;
    stage.centrifugo.wait_for_clients("site:main", 0).await.unwrap();
    // Two may be missed and the third is a leaving; of each moment there are two, one after the other or at once.
    for (moment, left) in [(1, 0), (2, 0), (3, 1)] {
        let at = T0 + moment * 10_000;
        let reports = if moment == 1 {
            let first = stage.roll_call(at).await.unwrap();
            [first, stage.roll_call(at).await.unwrap()]
        } else {
            let reports = tokio::join!(stage.roll_call(at), stage.roll_call(at));
            [reports.0.unwrap(), reports.1.unwrap()]
        };
        for report in &reports {
            assert_eq!(report.committed + report.superseded, 1, "{report:?}");
            assert_eq!(report.failed, []);
        }
        assert!(reports.iter().map(|report| report.left).max() == Some(left), "{reports:?}");
    }
    let events = queue.take().await.unwrap();
    assert_eq!(told_under("left", "ann", &events).len(), 1);
}
