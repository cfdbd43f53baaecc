//! Behind an nginx as docs/SELF-HOST.md has it: one origin for everything, and the answers are those of the program.

use harness::Nginx;
use reqwest::{Client, Response, StatusCode};

use crate::stage::Stage;

/// A client that does not ask who signed the certificate: it is made for the test.
fn client() -> Client {
    harness::http_client().unwrap();
    Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build().unwrap()
}

fn header<'r>(answer: &'r Response, name: &str) -> &'r str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn one_origin_has_the_page_the_files_the_views_and_the_socket() {
    let mut stage = Stage::watching("site:main").await;
    let _visitor = stage.user("ann", "site:main").await;
    let serving = stage.serve().await;
    serving.roll_calls("committed", 1.0).await;
    let own = serving.get("/v1/presence/site:main").await;
    let address = serving.url.trim_start_matches("http://");
    let nginx = Nginx::start(address, stage.centrifugo.port()).await.unwrap();
    let client = client();
    let get = async |path: &str, name: &str, value: &str| {
        let request = client.get(format!("{}{path}", nginx.url())).header(name, value);
        request.send().await.unwrap()
    };

    // The view: the same bytes, asked of the program once, compressed for whoever wants that, and good for a 304.
    let view = get("/v1/presence/site:main", "accept", "*/*").await;
    assert_eq!((view.status(), header(&view, "x-cache")), (StatusCode::OK, "MISS"));
    let tag = header(&view, "etag").to_owned();
    assert_eq!(tag, own.header("etag"));
    assert_eq!(header(&view, "access-control-allow-origin"), "*");
    assert_eq!(view.bytes().await.unwrap(), own.body);
    let again = get("/v1/presence/site:main", "if-none-match", &tag).await;
    assert_eq!((again.status(), header(&again, "x-cache")), (StatusCode::NOT_MODIFIED, "HIT"));
    let small = get("/v1/presence/site:main", "accept-encoding", "gzip").await;
    assert_eq!(header(&small, "content-encoding"), "gzip");
    let weak = header(&small, "etag").to_owned();
    assert_eq!(weak, format!("W/{tag}"));
    let not_modified = get("/v1/presence/site:main", "if-none-match", &weak).await;
    assert_eq!(not_modified.status(), StatusCode::NOT_MODIFIED);

    // The files, as the program compressed them, for each in the form that it takes.
    for (encoding, path) in [("br", "/roll-call.js"), ("gzip", "/roll-call.js"), ("br", "/demo.js")]
    {
        let file = get(path, "accept-encoding", encoding).await;
        assert_eq!((file.status(), header(&file, "content-encoding")), (StatusCode::OK, encoding));
    }

    // The socket is Centrifugo's, and its server API is not there.
    let socket = get("/connection/websocket", "accept", "*/*").await;
    assert_eq!(socket.status(), StatusCode::BAD_REQUEST, "it wants an upgrade");
    let api = client.post(format!("{}/api/info", nginx.url())).body("{}").send().await.unwrap();
    assert_eq!(api.status(), StatusCode::METHOD_NOT_ALLOWED, "the program has no such thing");
}

#[tokio::test]
async fn what_was_answered_is_answered_while_the_program_is_away() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PERIOD_SECONDS", "10");
    let mut serving = stage.serve().await;
    serving.roll_calls("committed", 1.0).await;
    let address = serving.url.trim_start_matches("http://").to_owned();
    let nginx = Nginx::start(&address, stage.centrifugo.port()).await.unwrap();
    let client = client();
    let url = format!("{}/v1/presence/site:main", nginx.url());
    let before = client.get(&url).send().await.unwrap().bytes().await.unwrap();
    serving.process.kill();
    let gone = client.get(format!("{}/v1/health", nginx.url())).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::BAD_GATEWAY);
    let after = client.get(&url).send().await.unwrap();
    assert_eq!((after.status(), after.bytes().await.unwrap()), (StatusCode::OK, before));
}
