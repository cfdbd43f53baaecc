//! What somebody asks who looks whether Redis is set up well.

use harness::Redis;
use store::Error;

use crate::util::store_at;

async fn keys(redis: &Redis) -> Vec<String> {
    redis.command(&["KEYS", "*"]).await.unwrap()
}

#[tokio::test]
async fn a_rehearsal_leaves_no_key() {
    for redis in [Redis::start().await.unwrap(), Redis::start_cluster().await.unwrap()] {
        let store = store_at(&redis.url());
        assert!(store.about().await.unwrap().redis >= (6, 2));
        assert_eq!(store.rehearse("trial").await.unwrap(), Vec::<String>::new());
        assert!(keys(&redis).await.is_empty());
    }
}

#[tokio::test]
async fn each_command_that_is_refused_is_told_and_nothing_is_left_behind() {
    let redis = Redis::start().await.unwrap();
    let store = store_at(&redis.url().replace("redis://", "redis://limited:secret@"));
    let allow = async |rules: &[&str]| {
        let words = ["ACL", "SETUSER", "limited", "reset", "on", ">secret"];
        let _: String = redis.command(&[&words, rules].concat()).await.unwrap();
    };
    let told = |refused: &[String]| {
        refused.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    allow(&["~rollcall:*", "+@all", "-hset", "-expire"]).await;
    let refused = store.rehearse("trial").await.unwrap();
    assert_eq!(told(&refused), ["HSET", "HSET", "EXPIRE", "EXPIRE", "EXPIRE"]);
    assert!(keys(&redis).await.is_empty());
    // Who may delete nothing writes nothing.
    allow(&["~rollcall:*", "+@all", "-del"]).await;
    assert_eq!(told(&store.rehearse("trial").await.unwrap()), ["DEL"]);
    assert!(keys(&redis).await.is_empty());
    allow(&["~rollcall:{*", "+@all"]).await;
    assert_eq!(told(&store.rehearse("trial").await.unwrap()), ["HGET rollcall"]);
    allow(&["~other:*", "+@all"]).await;
    assert!(matches!(store.rehearse("trial").await, Err(Error::Refused(_))));
}
