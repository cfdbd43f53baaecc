use harness::Redis;

#[tokio::test]
async fn a_lone_server_answers_and_forgets() {
    let mut redis = Redis::start().await.unwrap();
    let _: () = redis.command(&["SET", "key", "a value"]).await.unwrap();
    let value: String = redis.command(&["GET", "key"]).await.unwrap();
    assert_eq!(value, "a value");

    let url = redis.url();
    redis.stop().await;
    let refused = redis.command::<()>(&["PING"]).await.unwrap_err().to_string();
    assert_eq!(refused, format!("cannot connect to Redis at {url}"));
    redis.restart().await.unwrap();
    assert_eq!(redis.url(), url);
    assert_eq!(redis.command::<Option<String>>(&["GET", "key"]).await.unwrap(), None);
}

#[tokio::test]
async fn a_cluster_holds_all_slots_and_minds_hash_tags() {
    let mut redis = Redis::start_cluster().await.unwrap();
    for key in ["a", "b", "c", "d"] {
        let _: () = redis.command(&["SET", key, key]).await.unwrap();
    }
    let across = redis.command::<Vec<String>>(&["MGET", "a", "b"]).await.unwrap_err();
    assert!(format!("{across:#}").to_uppercase().contains("CROSSSLOT"), "{across:#}");
    let _: Vec<Option<String>> = redis.command(&["MGET", "{x}a", "{x}b"]).await.unwrap();

    redis.restart().await.unwrap();
    assert_eq!(redis.command::<Option<String>>(&["GET", "a"]).await.unwrap(), None);
}
