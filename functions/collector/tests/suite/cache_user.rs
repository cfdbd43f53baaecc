//! The user of the cache that is deployed: may do what a roll call needs, and with its own keys alone.

use roll_call::NothingCommitted;
use serde_json::json;

use crate::stage::{Stage, T0};

const TEMPLATE: &str = include_str!("../../../../infra/cache.yaml");

/// The rules of the template's access list, for the prefix `rollcall`.
fn rules() -> Vec<String> {
    let line = TEMPLATE.lines().find_map(|line| line.trim().strip_prefix("AccessString: !Sub "));
    let list = line.unwrap().trim_matches('"').replace("${Prefix}", "rollcall");
    list.split(' ').map(str::to_owned).collect()
}

#[tokio::test]
async fn the_cache_user_takes_roll_calls_and_reaches_no_other_keys() {
    let mut stage = Stage::watching("site:main,site:*").await;
    let rules = rules();
    let mut command = vec!["ACL", "SETUSER", "somebody", ">secret"];
    command.extend(rules.iter().map(String::as_str));
    let _: String = stage.redis.command(&command).await.unwrap();
    stage.set("REDIS_URL", &format!("redis://somebody:secret@127.0.0.1:{}", stage.redis.port()));
    let ann = stage.user("42", json!({"name": "Ann"}), &["site:main"]).await;
    for roll_call in 0..3 {
        let report = stage.roll_call(T0 + roll_call * 60_000).await.unwrap();
        assert_eq!((report.committed, report.failed), (1, vec![]), "roll call {roll_call}");
    }
    ann.leave().await;
    assert!(stage.members("site:main").await.is_some());

    stage.set("REDIS_PREFIX", "somebody-elses");
    let error = stage.roll_call(T0 + 240_000).await.unwrap_err();
    assert!(matches!(error, NothingCommitted::StoreUnavailable(_)), "{error}");
}
