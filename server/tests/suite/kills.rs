//! Killed between two steps, and started again.

use std::collections::BTreeSet;

use harness::{Fault, FaultProxy, Moto};
use serde_json::Value;

use crate::stage::Stage;

/// Under which ids the events tell that the user joined.
fn joined_under(user: &str, events: &[Value]) -> BTreeSet<String> {
    let about = events.iter().filter(|event| {
        let users = event["detail"]["joined"].as_array().into_iter().flatten();
        users.into_iter().any(|member| member["id"] == user)
    });
    about.map(|event| event["detail"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_kill_between_two_steps_loses_nothing() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let mut stage = Stage::watching("site:main").await;
    for (name, value) in [
        ("PERIOD_SECONDS", "10"),
        ("EVENT_BUS_NAME", queue.bus()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
    ] {
        stage.set(name, value);
    }
    let redis = FaultProxy::start(stage.redis.port()).await.unwrap();
    let bus = FaultProxy::start(moto.port()).await.unwrap();
    stage.set("REDIS_URL", &format!("redis://127.0.0.1:{}", redis.port()));
    stage.set("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{}", bus.port()));
    assert_eq!(stage.run(&["take"]).await.status, 0);
    let mut visitors = Vec::new();
    let mut events = Vec::new();
    for (proxy, mark, fault) in [
        (&redis, "EVALSHA", Fault::Hang),
        (&redis, "EVALSHA", Fault::LoseAnswer),
        (&bus, "PutEvents", Fault::LoseAnswer),
    ] {
        let user = format!("{mark} {fault:?}");
        visitors.push(stage.user(&user, "site:main").await);
        proxy.strike_at(mark, fault);
        let mut killed = stage.serve().await;
        proxy.struck().await.unwrap();
        killed.process.kill();
        proxy.rest();

        let again = stage.serve().await;
        again.roll_calls("committed", 1.0).await;
        let view = stage.members("site:main").await.unwrap();
        assert_eq!(view["present"], visitors.len(), "{user}: {view}");
        events.extend(queue.take().await.unwrap());
        assert_eq!(joined_under(&user, &events).len(), 1, "{user}: {events:?}");
    }
}
