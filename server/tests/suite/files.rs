//! The widget's files and the demo page, as the CDN gives them.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::stage::{Answered, Serving, Stage};

/// The bytes that an answer stands for.
fn decoded(answer: &Answered) -> Vec<u8> {
    let mut bytes = Vec::new();
    match answer.header("content-encoding") {
        "br" => brotli::BrotliDecompress(&mut &answer.body[..], &mut bytes).unwrap(),
        "gzip" => {
            _ = flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut bytes).unwrap()
        }
        "" => bytes = answer.body.clone(),
        other => panic!("{other}"),
    }
    bytes
}

/// Every file of a folder of the widget, with its content.
fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = harness::root().join("widget").join(folder);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = entries
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    assert!(files.len() > 3, "{files:?}");
    files
}

async fn assert_served(serving: &Serving, name: &str, content: &[u8]) {
    let path = format!("/{name}");
    let mut tags = Vec::new();
    for coding in ["identity", "gzip", "gzip, deflate, br, zstd"] {
        let accepted = ("accept-encoding", coding);
        let answer = serving.ask("GET", &path, &[accepted]).await;
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(decoded(&answer), content, "{name} as {coding}");
        let expected_type = match Path::new(name).extension().unwrap().to_str().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "svg" => "image/svg+xml",
            "json" | "map" => "application/json",
            other => panic!("{other}"),
        };
        assert_eq!(answer.header("content-type"), expected_type, "{name}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        let caching = answer.header("cache-control");
        assert!(caching.contains("max-age=60") && !caching.contains("immutable"), "{caching}");
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "strong: {tag}");

        let head = serving.ask("HEAD", &path, &[accepted]).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{name}");
        assert_eq!(head.header("etag"), tag);
        assert_eq!(head.header("content-length"), answer.body.len().to_string());
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
            let asked = [accepted, ("if-none-match", known.as_str())];
            let known = serving.ask("GET", &path, &asked).await;
            assert_eq!((known.status, known.body.len()), (304, 0), "{name}");
            assert_eq!((known.header("etag"), known.header("vary")), (&*tag, "Accept-Encoding"));
        }
        let other = serving.ask("GET", &path, &[accepted, ("if-none-match", "\"x\"")]).await;
        assert_eq!(other.status, 200);
        let coded = answer.header("content-encoding").to_owned();
        assert_eq!(
            tags.iter().any(|(known, _)| *known == coded),
            tags.iter().any(|(_, known)| *known == tag)
        );
        tags.push((coded, tag));
    }
}

#[tokio::test]
async fn every_file_is_served_byte_for_byte_in_each_form() {
    let mut stage = Stage::watching("site:main").await;
    let serving = stage.serve().await;
    for (name, content) in [files("dist"), files("demo")].concat() {
        assert_served(&serving, &name, &content).await;
    }
    let script = serving.ask("GET", "/roll-call.js", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(script.header("content-encoding"), "br");
    let script = serving.ask("GET", "/roll-call.js", &[("accept-encoding", "gzip, br;q=0")]).await;
    assert_eq!(script.header("content-encoding"), "gzip");
    // A visitor's page asks before it sends a header of its own.
    let preflight = serving.ask("OPTIONS", "/roll-call.js", &[]).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
    for path in ["/", "/roll-call.js", "/v1/presence/site:main", "/nothing"] {
        for method in ["POST", "PUT", "DELETE", "BREW"] {
            let answer = serving.ask(method, path, &[]).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
        }
    }
    for path in ["/nothing.js", "/types/index.d.ts", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "//"] {
        let nothing = serving.get(path).await;
        assert_eq!(nothing.status, 404, "{path}");
        assert!(nothing.text().contains("\"code\":\"not_found\""), "{}", nothing.text());
    }
}

#[tokio::test]
async fn the_root_is_the_demo_page_of_the_first_channel_watched_by_name() {
    let mut stage = Stage::watching("room:*,site:front,site:main").await;
    let serving = stage.serve().await;
    let page = serving.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let text = page.text();
    assert!(text.contains("<roll-call channel=\"site:front\""), "{text}");
    assert!(!text.contains("site:main"), "{text}");
    let packed = serving.ask("GET", "/", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(decoded(&packed), page.body);
    assert_eq!(serving.get("/index.html").await.body, page.body);

    stage.set("DEMO", "off");
    let serving = stage.serve().await;
    for path in ["/", "/index.html", "/demo.js"] {
        assert_eq!(serving.get(path).await.status, 404, "{path}");
    }
    assert_eq!(serving.get("/roll-call.js").await.status, 200);
}
