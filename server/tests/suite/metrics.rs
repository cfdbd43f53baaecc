//! What Prometheus gets.

use crate::stage::Stage;

#[tokio::test]
async fn numbers_are_at_their_own_address_and_hold_nothing_that_a_visitor_chose() {
    let mut stage = Stage::watching("site:main,room:*").await;
    let _visitors = [
        stage.user("somebody", "site:main").await,
        stage.user("somebody", "site:main").await,
        stage.user("bo", "room:secret").await,
    ];
    let serving = stage.serve().await;
    serving.roll_calls("committed", 1.0).await;
    for path in ["/v1/presence/room:secret", "/v1/presence/room:secret", "/secret", "/demo.js"] {
        serving.get(path).await;
    }
    assert_eq!(serving.get("/metrics").await.status, 404);
    let elsewhere = serving.metrics_url.replace("/metrics", "/v1/health");
    let elsewhere = harness::http_client().unwrap().get(elsewhere).send().await.unwrap();
    assert_eq!(elsewhere.status(), 404);

    for (name, value) in [
        ("rollcall_present", 2.0),
        ("rollcall_clients", 3.0),
        ("rollcall_channels", 2.0),
        ("rollcall_roll_calls_total{result=\"failed\"}", 0.0),
        ("rollcall_events_total{result=\"announced\"}", 0.0),
        ("rollcall_http_requests_total{route=\"/v1/presence/{channel}\",status=\"200\"}", 2.0),
        ("rollcall_http_requests_total{route=\"none\",status=\"404\"}", 2.0),
        ("rollcall_http_requests_total{route=\"file\",status=\"200\"}", 1.0),
    ] {
        assert!((serving.metric(name).await - value).abs() < 1e-9, "{name} is not {value}");
    }
    let view = stage.members("site:main").await.unwrap();
    let last = serving.metric("rollcall_last_roll_call_timestamp_seconds").await;
    assert!((last * 1000.0 - view["taken_at"].as_f64().unwrap()).abs() < 1.0, "{last}");
    let metrics = serving.metrics().await;
    assert!(!metrics.contains("secret") && !metrics.contains("somebody"), "{metrics}");
    assert!(metrics.ends_with("# EOF\n"));
    for line in metrics.lines().filter_map(|line| line.strip_prefix("# HELP ")) {
        assert!(line.starts_with("rollcall_") && line.ends_with('.'), "{line}");
    }
}
