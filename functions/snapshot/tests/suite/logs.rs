//! What strangers can write into a log.

use crate::stage::Stage;

/// Longest line, in bytes: 255 characters, each of them escaped, and what is said before and after.
const LINE_MAX: usize = 255 * "\\u{1b}".len() + 250;

#[tokio::test]
async fn the_name_of_a_channel_forges_no_line_and_fills_no_log() {
    let mut stage = Stage::start().await;
    let damaged = "x".repeat(3000);
    stage.keep(&format!("room:{damaged}"), "half a view").await;
    let path = format!("/v1/presence/room:{damaged}");
    assert_eq!(stage.get(&path, "").await.1, "store_unavailable");
    let list = format!("channels=room:{damaged}");
    assert_eq!(stage.get("/v1/presence", &list).await.0, 200);
    assert_eq!(lines(&mut stage).len(), 2, "one for each failure");

    stage.redis.stop().await;
    let forged = "room:x%0aERROR%20forged%0d%0aERROR%20forged";
    let names = [
        forged.to_owned(),
        format!("room:{}", "y".repeat(7000)),
        format!("room:{}", "%1b".repeat(2300)),
        format!("room:{}", "%C3%BC".repeat(1100)),
    ];
    for name in &names {
        for below in ["", "/members", "/history", "/badge.svg"] {
            let path = format!("/v1/presence/{name}{below}");
            assert_eq!(stage.get(&path, "").await.1, "store_unavailable", "{path:.60}");
        }
        let list = format!("channels={name}");
        assert_eq!(stage.get("/v1/presence", &list).await.1, "store_unavailable");
    }
    let lines = lines(&mut stage);
    assert_eq!(lines.len(), 2 + names.len() * 5, "{lines:#?}");
    for line in &lines {
        assert!(line.starts_with("ERROR Lambda runtime invoke{"), "{line}");
        assert!(line.len() <= LINE_MAX, "{} bytes: {line}", line.len());
        assert!(line.matches("room:").count() <= 1, "named twice: {line}");
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    let says = |text: &str| lines.iter().any(|line| line.contains(text));
    let whole = r#"}: Channel "room:x\nERROR forged\r\nERROR forged" can't be read: "#;
    assert!(says(whole), "{lines:#?}");
    let cut = format!("}}: Channel \"room:{}\"… can't be read: ", "y".repeat(250));
    assert!(says(&cut), "{lines:#?}");
}

fn lines(stage: &mut Stage) -> Vec<String> {
    let log = std::fs::read_to_string(stage.sandbox.process().log()).unwrap();
    log.lines().map(str::to_owned).collect()
}
