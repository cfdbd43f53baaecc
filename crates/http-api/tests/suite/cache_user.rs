//! The user of the cache that is deployed: may read what the routes answer, with its own keys alone, and write nothing.

use harness::Redis;
use redis::{Client, RedisError, Value};

use crate::stage::{Stage, TAKEN_AT};

const TEMPLATE: &str = include_str!("../../../../infra/cache.yaml");

/// The rules of the access list that the template gives to its reader, for the prefix `rollcall`.
fn rules() -> Vec<String> {
    let reader = TEMPLATE.split_once("\n  Reader:\n").unwrap().1;
    let line = reader.lines().find_map(|line| line.trim().strip_prefix("AccessString: !Sub "));
    let list = line.unwrap().trim_matches('"').replace("${Prefix}", "rollcall");
    list.split(' ').map(str::to_owned).collect()
}

/// A Redis with that user, and its address for the user.
async fn redis() -> (Redis, String) {
    let redis = Redis::start().await.unwrap();
    let rules = rules();
    let mut command = vec!["ACL", "SETUSER", "reader", ">secret"];
    command.extend(rules.iter().map(String::as_str));
    let _: String = redis.command(&command).await.unwrap();
    let url = format!("redis://reader:secret@127.0.0.1:{}", redis.port());
    (redis, url)
}

#[tokio::test]
async fn all_routes_work() {
    let (redis, url) = redis().await;
    let stage = Stage::before(redis, &[("REDIS_URL", &url)]);
    stage.take("site:main", TAKEN_AT, 1).await;
    for path in [
        "/v1/presence/site:main",
        "/v1/presence/site:main/members",
        "/v1/presence/site:main/history",
        "/v1/presence/site:main/badge.svg",
        "/v1/presence?channels=site:main,room:1",
        "/v1/health",
    ] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    stage.get("/v1/presence/room:1").await.assert_problem(404, "no_snapshot");
}

#[tokio::test]
async fn the_keys_of_others_are_out_of_reach() {
    let (redis, url) = redis().await;
    let _: u64 = redis.command(&["HSET", "else:{room:1}:view", "taken_at", "1"]).await.unwrap();
    let stage = Stage::before(redis, &[("REDIS_URL", &url), ("REDIS_PREFIX", "else")]);
    stage.get("/v1/presence/room:1").await.assert_problem(503, "store_unavailable");
}

#[tokio::test]
async fn nothing_can_be_written_and_nobody_disturbed() {
    let (redis, url) = redis().await;
    let _: u64 = redis.command(&["HSET", "rollcall:{a}:view", "taken_at", "1"]).await.unwrap();
    let client = Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut run = async |command: &str| -> Result<Value, RedisError> {
        let mut words = command.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        words.for_each(|word| {
            command.arg(word);
        });
        command.query_async(&mut connection).await
    };
    for read in ["PING", "HMGET rollcall:{a}:view taken_at", "GET rollcall:{a}:history"] {
        assert!(run(read).await.is_ok(), "{read}");
    }
    for refused in [
        "SET rollcall:{a}:history x",
        "HSET rollcall:{a}:view taken_at 2",
        "DEL rollcall:{a}:view",
        "UNLINK rollcall:{a}:view",
        "EXPIRE rollcall:{a}:view 1",
        "RENAME rollcall:{a}:view rollcall:{b}:view",
        "SETRANGE rollcall:{a}:history 0 x",
        "GETDEL rollcall:{a}:history",
        "GETEX rollcall:{a}:history EX 1",
        "HGETALL rollcall:{a}:ledger",
        "EVAL return{redis.call('DEL','rollcall:{a}:view')} 0",
        "SCRIPT LOAD return{1}",
        "SCRIPT FLUSH",
        "PUBLISH rollcall x",
        "KEYS *",
        "SCAN 0",
        "FLUSHALL",
        "CONFIG GET *",
        "ACL LIST",
        "INFO",
        "MONITOR",
        "CLIENT LIST",
        "CLIENT KILL TYPE normal",
        "CLIENT PAUSE 1000",
        "SHUTDOWN",
        "GET else:{a}:history",
        "HMGET else:{a}:view taken_at",
    ] {
        let error = run(refused).await.expect_err(refused);
        assert_eq!(error.code(), Some("NOPERM"), "{refused}: {error}");
    }
    let kept: Vec<String> = redis.command(&["KEYS", "*"]).await.unwrap();
    assert_eq!(kept, ["rollcall:{a}:view"]);
    let taken_at: u64 = redis.command(&["HGET", "rollcall:{a}:view", "taken_at"]).await.unwrap();
    assert_eq!(taken_at, 1);
}
