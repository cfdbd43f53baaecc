//! Paths and queries that are no URI. What AWS lets through of them is not documented.

use crate::stage::Stage;

const VIEW: &str = "{\"members\":[]}";

#[tokio::test]
async fn any_character_in_a_query_is_answered() {
    let mut stage = Stage::start().await;
    for character in '\0'..='\u{7f}' {
        let label = format!("label=a{character}b");
        let (status, code, body) = stage.get("/v1/presence/room:1/badge.svg", &label).await;
        if character.is_control() {
            assert_eq!((status, code.as_str()), (400, "bad_request"), "{label:?}: {body}");
            continue;
        }
        assert_eq!(status, 200, "{label:?}: {body}");
        let drawn = match character {
            '+' => "a b: ".to_owned(),
            // The next parameter begins.
            '&' => "a: ".to_owned(),
            '<' | '>' | '"' | '\'' => format!("a&#{};b: ", u32::from(character)),
            other => format!("a{other}b: "),
        };
        assert!(body.contains(&format!("<title>{drawn}")), "{label:?}: {body}");
        let several = format!("channels=room:a{character}b");
        assert_eq!(stage.get("/v1/presence", &several).await.0, 200, "{several:?}");
    }
    for query in
        ["label=ü", "label=%C3%BC", "label=人がいる", "label=%", "?", "#", "<>", "label=%00%"]
    {
        let (status, _, body) = stage.get("/v1/presence/room:1/badge.svg", query).await;
        assert!([200, 400].contains(&status), "{query:?}: {body}");
    }
}

#[tokio::test]
async fn any_character_in_a_path_is_answered() {
    let mut stage = Stage::start().await;
    for character in '\0'..='\u{7f}' {
        let channel = format!("room:a{character}b");
        let path = format!("/v1/presence/{channel}");
        let (status, code, body) = stage.get(&path, "").await;
        // Below a channel there is no such thing as `b`.
        let expected = if character == '/' { "not_found" } else { "no_snapshot" };
        assert_eq!((status, code.as_str()), (404, expected), "{path:?}: {body}");
        if character == '/' {
            continue;
        }
        stage.keep(&channel, VIEW).await;
        let (status, _, body) = stage.get(&path, "").await;
        assert_eq!((status, body.as_str()), (200, VIEW), "{path:?}");
    }
    assert_eq!(stage.get("/v1/presence/room:a%3Fb", "a=<").await.0, 200, "encoded once");
    for path in ["/", "", "//", "/v1/presence/<", "/v1/presence/ü", "/v1/presence/%"] {
        assert_eq!(stage.get(path, "a=<").await.0, 404, "{path:?}");
    }
}
