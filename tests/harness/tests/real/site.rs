use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use harness::{Site, http_client};

const ANSWER: &str = "HTTP/1.1 304 Not Modified\r\nETag: \"1-c\"\r\nX-Own: kept\r\n\r\n";

#[tokio::test]
async fn the_api_is_passed_on_and_noted() {
    let function = TcpListener::bind("127.0.0.1:0").unwrap();
    let snapshot = format!("http://{}/lambda-url/snapshot", function.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = function.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut bytes = [0; 1024];
            let n_bytes = stream.read(&mut bytes).unwrap();
            request.extend_from_slice(&bytes[..n_bytes]);
        }
        stream.write_all(ANSWER.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    let site = Site::start(0, &snapshot).await.unwrap();
    let http = http_client().unwrap();
    let path = "/v1/presence/site:main?x=%20y&channels=a,b";
    let answer = http
        .get(format!("{}{path}", site.url()))
        .header("If-None-Match", "\"1-c\"")
        .header("X-Rollcall-Token", "t")
        .header("Authorization", "secret")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 304);
    assert_eq!(answer.headers()["etag"], "\"1-c\"");
    assert_eq!(answer.headers()["x-own"], "kept");
    assert!(!answer.headers().contains_key("cache-control"));

    let request = asked.join().unwrap().to_lowercase();
    assert!(request.starts_with(&format!("get /lambda-url/snapshot{path} http/1.1\r\n")));
    assert!(request.contains("\r\nif-none-match: \"1-c\"\r\n"), "{request}");
    assert!(request.contains("\r\nx-rollcall-token: t\r\n"), "{request}");
    assert!(!request.contains("authorization"), "{request}");

    assert_eq!(site.requests(), [format!("GET {path}")]);
    let listed: Vec<String> =
        http.get(format!("{}/_requests", site.url())).send().await.unwrap().json().await.unwrap();
    assert_eq!(listed, site.requests());
}

#[tokio::test]
async fn avatars_are_drawn_and_escaped() {
    let site = Site::start(0, "http://127.0.0.1:1").await.unwrap();
    let url = format!("{}/avatars/%3Cb%3E%20%26.svg", site.url());
    let answer = http_client().unwrap().get(url).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/svg+xml");
    assert!(answer.text().await.unwrap().contains("&lt;"));
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_line() {
    let site = Site::start(0, "http://127.0.0.1:1").await.unwrap();
    let port = site.url().rsplit(':').next().unwrap().parse().unwrap();
    let error = Site::start(port, "http://127.0.0.1:1").await.unwrap_err();
    assert!(format!("{error:#}").starts_with(&format!("cannot serve on port {port}")), "{error:#}");
}
