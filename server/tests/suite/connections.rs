//! Addresses, heads and bodies of requests.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::stage::{Serving, Stage};

/// Sends these bytes and gives the whole answer, which must end the connection within so long.
async fn raw(serving: &Serving, bytes: &[u8], within: Duration) -> String {
    let address = serving.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is an end, too.
    let _ = tokio::time::timeout(within, stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_address_is_the_first_line_of_output() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("LISTEN", "[::1]:0");
    let mut command = stage.program(&["serve"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let line = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).map(|_| line)
    });
    let line = line.await.unwrap().unwrap();
    let url = line.trim_end().strip_prefix("rollcall serves ").unwrap().to_owned();
    assert!(url.starts_with("http://[::1]:") && url.ends_with('/'), "{url}");
    let answer = harness::http_client().unwrap().get(&url).send().await.unwrap();
    let is_page = answer.text().await.unwrap().contains("<roll-call ");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_page);
}

#[tokio::test]
async fn an_address_that_cannot_be_bound_is_told_by_its_variable() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let used = listener.local_addr().unwrap().to_string();
    drop(taken);
    let mut stage = Stage::watching("site:main").await;
    for (variables, named) in [
        ([("LISTEN", used.as_str()), ("METRICS_LISTEN", "")], "LISTEN "),
        ([("LISTEN", "127.0.0.1:0"), ("METRICS_LISTEN", &used)], "METRICS_LISTEN "),
        ([("LISTEN", "nowhere.invalid:80"), ("METRICS_LISTEN", "")], "LISTEN "),
        ([("LISTEN", "everywhere"), ("METRICS_LISTEN", "")], "LISTEN must be "),
    ] {
        for (name, value) in variables {
            stage.set(name, value);
        }
        let ended = stage.run(&["serve"]).await;
        assert_eq!((ended.status, ended.stdout.as_str()), (2, ""), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        assert!(ended.stderr.starts_with(named), "{ended:?}");
    }
}

#[tokio::test]
async fn a_head_has_an_end() {
    let mut stage = Stage::watching("site:main").await;
    let serving = stage.serve().await;
    let head = |bytes: usize| {
        let request = "GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-long: ";
        format!("{request}{}\r\n\r\n", "x".repeat(bytes - request.len() - 4))
    };
    let short = raw(&serving, head(15 * 1024).as_bytes(), SOON).await;
    assert!(short.starts_with("HTTP/1.1 200 "), "{short}");
    let long = raw(&serving, head(17 * 1024).as_bytes(), SOON).await;
    assert!(long.starts_with("HTTP/1.1 431 "), "{long}");
    let nonsense = raw(&serving, b"\x16\x03\x01\x02\r\n\r\n", SOON).await;
    assert!(nonsense.starts_with("HTTP/1.1 400 "), "{nonsense}");
    // Who says nothing, says it slowly or has had an answer is not waited for longer than ten seconds.
    let begun = Instant::now();
    let ten = Duration::from_secs(12);
    let kept = b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n";
    let (silent, slow, idle) = tokio::join!(
        raw(&serving, b"", ten),
        raw(&serving, b"GET / HTTP/1.1\r\nx: ", ten),
        raw(&serving, kept, ten)
    );
    assert!(begun.elapsed() >= Duration::from_secs(9), "{:?}", begun.elapsed());
    assert_eq!((silent.as_str(), slow.as_str()), ("", ""));
    assert!(idle.starts_with("HTTP/1.1 200 "), "{idle}");
}

#[tokio::test]
async fn a_flood_of_connections_leaves_room_for_roll_calls() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let serving = stage.serve_with_files(100).await;
    serving.roll_calls("committed", 1.0).await;
    let address = serving.url.strip_prefix("http://").unwrap();
    let mut flood = Vec::new();
    // More than there are files, and none of them says anything.
    for _ in 0..120 {
        flood.push(TcpStream::connect(address).await.unwrap());
    }
    // New connections to Redis and Centrifugo are made all the same.
    stage.redis.restart().await.unwrap();
    serving.roll_calls("committed", 2.0).await;
    // And who has something to ask is answered once the silent ones are closed.
    assert_eq!(serving.get("/v1/health").await.status, 200);
    assert!(!serving.log().contains("No connection can be taken"), "{}", serving.log());
}

#[tokio::test]
async fn a_body_is_not_read() {
    let mut stage = Stage::watching("site:main").await;
    let serving = stage.serve().await;
    // None of these bytes is ever sent, and nobody waits for them.
    for (method, path, status) in
        [("POST", "/v1/presence/site:main", 405), ("GET", "/v1/health", 200), ("GET", "/", 200)]
    {
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n");
        let answer = raw(&serving, request.as_bytes(), SOON).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}
