//! Channels whose list is for some alone.

use harness::sign;
use serde_json::{Value, json};

use crate::stage::{Answer, NOW, PEAK, Stage, TAKEN_AT};

const SECRET: &str = "a secret of the page's server";
const BOARD: &str = "/v1/presence/room:board/members";

/// `room:board` and `team:…` are private; of the others the list is for everybody, or for users.
async fn stage(visibility: &str) -> Stage {
    Stage::start(&[
        ("WATCH_CHANNELS", "site:main,room:*,team:*"),
        ("PRIVATE_CHANNELS", "room:board,team:*"),
        ("VISIBILITY", visibility),
        ("CENTRIFUGO_TOKEN_HMAC_SECRET", SECRET),
        ("GUEST_USERS", "anonymous,guest-*"),
        ("CENTRIFUGO_CLIENT_URL", "wss://rt.example.com/connection/websocket"),
        ("PRIVATE_MEMBERS_CHANNEL", "private:{channel}"),
    ])
    .await
}

async fn ask(stage: &Stage, path: &str, claims: &Value) -> Answer {
    stage.ask("GET", path, &[("x-rollcall-token", &sign(SECRET, claims).unwrap())]).await
}

fn assert_refused(answer: &Answer, why: &str) {
    answer.assert_problem(401, "unauthorized");
    assert_eq!(answer.header("cache-control"), "private, no-store", "{why}");
    assert_eq!(answer.header("www-authenticate"), "X-Rollcall-Token", "{why}");
    assert!(!answer.body.contains("members\""), "{why}: {}", answer.body);
}

#[tokio::test]
async fn everybody_gets_the_numbers_of_a_private_channel_and_no_list() {
    let stage = stage("members").await;
    let board = stage.take("room:board", TAKEN_AT, 3).await;
    let main = stage.take("site:main", TAKEN_AT, 9).await;
    let view = stage.get("/v1/presence/room:board").await;
    assert_eq!((view.status.as_u16(), view.body.as_str()), (200, board.counts.as_str()));
    assert_eq!(view.header("etag"), format!("\"{TAKEN_AT}-counts\""));
    assert!(view.header("cache-control").starts_with("public"));
    let both = stage.get("/v1/presence?channels=room:board,site:main").await;
    assert_eq!(
        both.body,
        format!(
            "{{\"v\":1,\"channels\":{{\"room:board\":{},\"site:main\":{}}}}}",
            board.counts, main.members
        )
    );
    let badge = stage.get("/v1/presence/room:board/badge.svg").await;
    assert!(badge.body.contains("<title>online: 3</title>"), "{}", badge.body);
    let history = stage.get("/v1/presence/room:board/history").await;
    let history: Value = serde_json::from_str(&history.body).unwrap();
    let keys: Vec<&String> = history.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["channel", "from", "peak", "present", "step", "v"]);
    assert_eq!(history["peak"], serde_json::from_str::<Value>(PEAK).unwrap());
    // The same, though the list lies in memory by now.
    let named = json!({"sub": "42", "channel": "room:board"});
    assert_eq!(ask(&stage, BOARD, &named).await.body, board.members);
    assert_eq!(stage.get("/v1/presence/room:board").await.body, board.counts);
    assert_refused(&stage.get(BOARD).await, "no token");
    // A page learns where the list comes live, if it may have it.
    let none = stage.get("/v1/presence/team:7").await;
    none.assert_problem(404, "no_snapshot");
    let none: Value = serde_json::from_str(&none.body).unwrap();
    assert_eq!(none["live"]["members_channel"], "private:team:7");
}

#[tokio::test]
async fn the_list_opens_to_a_token_that_names_the_channel() {
    for visibility in ["members", "counts"] {
        let stage = stage(visibility).await;
        let board = stage.take("room:board", TAKEN_AT, 3).await;
        let team = stage.take("team:7", TAKEN_AT, 3).await;
        let names = |claims: Value| {
            let mut all = json!({"sub": "42", "exp": NOW / 1000 + 60});
            all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
            all
        };
        for claims in [
            json!({"channel": "room:board"}),
            json!({"subs": {"room:board": {}}}),
            json!({"channels": ["site:main", "room:board"]}),
            json!({"rollcall": {"channels": ["room:board"]}}),
            json!({"rollcall": {"channels": ["room:*"]}}),
        ] {
            let answer = ask(&stage, BOARD, &names(claims.clone())).await;
            assert_eq!((answer.status.as_u16(), &answer.body), (200, &board.members), "{claims}");
            assert_eq!(answer.header("cache-control"), "private, no-store");
            assert_eq!(answer.header("etag"), "");
            let other = ask(&stage, "/v1/presence/team:7/members", &names(claims.clone())).await;
            assert_refused(&other, &claims.to_string());
        }
        let all = names(json!({"rollcall": {"channels": ["{room,team}:*"]}}));
        for (path, views) in [(BOARD, &board), ("/v1/presence/team:7/members", &team)] {
            assert_eq!(ask(&stage, path, &all).await.body, views.members);
        }
        // Nothing kept is told to those who may know, and to nobody else's edge.
        let none = ask(&stage, "/v1/presence/team:none/members", &all).await;
        assert_eq!(
            (none.status.as_u16(), none.header("cache-control")),
            (404, "private, no-store")
        );
    }
}

#[tokio::test]
async fn no_other_token_opens_it() {
    for visibility in ["members", "counts"] {
        let stage = stage(visibility).await;
        stage.take("room:board", TAKEN_AT, 3).await;
        let seconds = NOW / 1000;
        let commands = stage.commands_for(async || {
            for claims in [
                json!({"sub": "42"}),
                json!({"sub": "42", "channel": "room:boar"}),
                json!({"sub": "42", "channel": "room:*"}),
                json!({"sub": "42", "channel": "team:7", "subs": {"room:board": {}}}),
                json!({"sub": "42", "channel": ""}),
                json!({"sub": "42", "channel": ["room:board"]}),
                json!({"sub": "42", "subs": {"room:*": {}}}),
                json!({"sub": "42", "subs": ["room:board"]}),
                json!({"sub": "42", "subs": "room:board"}),
                json!({"sub": "42", "channels": "room:board"}),
                json!({"sub": "42", "channels": ["room:*"]}),
                json!({"sub": "42", "channels": {"room:board": {}}}),
                json!({"sub": "42", "rollcall": ["room:board"]}),
                json!({"sub": "42", "rollcall": {"channels": "room:board"}}),
                json!({"sub": "42", "rollcall": {"channels": ["[", "room:b"]}}),
                json!({"sub": "", "channel": "room:board"}),
                json!({"channel": "room:board"}),
                json!({"sub": 42, "channel": "room:board"}),
                json!({"sub": "guest-7", "channel": "room:board"}),
                json!({"sub": "anonymous", "rollcall": {"channels": ["*"]}}),
                json!({"sub": "42", "channel": "room:board", "exp": seconds - 60}),
                json!({"sub": "42", "rollcall": {"channels": ["*"]}, "nbf": seconds + 60}),
            ] {
                assert_refused(&ask(&stage, BOARD, &claims).await, &claims.to_string());
            }
            let forged = sign("another secret", &json!({"sub": "42", "channel": "room:board"}));
            let forged = [("x-rollcall-token", forged.unwrap())];
            let forged = forged.each_ref().map(|(name, token)| (*name, token.as_str()));
            assert_refused(&stage.ask("GET", BOARD, &forged).await, "forged");
        });
        assert_eq!(commands.await, 0);
    }
}

#[tokio::test]
async fn a_subscription_token_opens_no_other_list() {
    let stage = stage("counts").await;
    let main = stage.take("site:main", TAKEN_AT, 3).await;
    let path = "/v1/presence/site:main/members";
    for channel in ["room:board", "site:main"] {
        let claims = json!({"sub": "42", "channel": channel});
        assert_refused(&ask(&stage, path, &claims).await, channel);
    }
    assert_eq!(ask(&stage, path, &json!({"sub": "42"})).await.body, main.members);
}

#[tokio::test]
async fn the_problem_says_whose_token_is_wanted() {
    let stage = stage("counts").await;
    let detail = async |path: &str| {
        let problem: Value = serde_json::from_str(&stage.get(path).await.body).unwrap();
        problem["detail"].as_str().unwrap().to_owned()
    };
    let private = detail(BOARD).await;
    assert!(private.contains("whose token names it"), "{private}");
    let other = detail("/v1/presence/site:main/members").await;
    assert!(other.contains("signed in") && !other.contains("names"), "{other}");
}

#[tokio::test]
async fn that_a_channel_is_not_watched_is_told_to_everybody_alike() {
    let stage = stage("counts").await;
    let commands = stage.commands_for(async || {
        let without = stage.get("/v1/presence/else/members").await;
        without.assert_problem(404, "unknown_channel");
        let claims = json!({"sub": "42", "channel": "else"});
        let with = ask(&stage, "/v1/presence/else/members", &claims).await;
        with.assert_problem(404, "unknown_channel");
        assert_eq!(with.body, without.body);
    });
    assert_eq!(commands.await, 0);
}
