//! Views that are so young that no roll call is due.

use crate::stage::{Stage, T0};

#[tokio::test]
async fn a_view_is_fresh_for_a_period() {
    for (watched, channel) in [("plain:x,site:main", "site:main"), ("room:*", "room:1")] {
        let stage = Stage::watching(watched).await;
        let is_fresh = async |now| stage.quiet_collector(move || now).is_fresh().await;
        assert!(!is_fresh(T0).await, "nothing is kept");
        let _visitor = stage.guest(&[channel]).await;
        stage.roll_call(T0).await.unwrap();
        for (now, fresh) in [
            (T0, true),
            (T0 + 59_999, true),
            (T0 + 60_000, false),
            // A clock that is a little behind, and a view that came from a broken one.
            (T0 - 10_000, true),
            (T0 - 10_001, false),
        ] {
            assert_eq!(is_fresh(now).await, fresh, "{watched} {now}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_seen_is_not_fresh() {
    let mut stage = Stage::watching("site:main").await;
    stage.roll_call(T0).await.unwrap();
    stage.redis.stop().await;
    assert!(!stage.quiet_collector(|| T0).is_fresh().await);
}
