//! What a roll call keeps, publishes and reports.

use harness::{Visitor, sign};
use serde_json::json;

use crate::stage::{Stage, T0};

#[tokio::test]
async fn who_is_there_is_kept_published_and_reported() {
    let stage = Stage::watching("site:main").await;
    let ann = json!({"name": "Ann", "avatar": "https://example.com/a.png", "email": "a@b.c"});
    let _tabs = [
        stage.user("42", ann.clone(), &["site:main"]).await,
        stage.user("42", ann, &["site:main"]).await,
    ];
    let mut bo = stage.user("7", json!({"name": "Bo"}), &["site:main", "presence:site:main"]).await;
    let _hidden = stage.user("9", json!({"name": "Cy", "hidden": true}), &["site:main"]).await;
    let _guest = stage.guest(&["site:main"]).await;

    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!(
        (report.watched, report.committed, report.superseded, report.published),
        (1, 1, 0, 1)
    );
    assert_eq!(report.failed, []);

    let view = stage.members("site:main").await.unwrap();
    assert_eq!(
        view,
        json!({"v": 1, "channel": "site:main", "taken_at": T0, "period": 60,
            "present": 4, "users": 2, "guests": 2, "clients": 5,
            "peak": {"today": {"present": 4, "at": T0}, "ever": {"present": 4, "at": T0}},
            "live": {"url": "wss://rt.example.com/connection/websocket", "channel": "presence:site:main"},
            "members": [
                {"id": "42", "info": {"name": "Ann", "avatar": "https://example.com/a.png"}, "clients": 2, "since": T0},
                {"id": "7", "info": {"name": "Bo"}, "clients": 1, "since": T0}],
            "truncated": false, "recent": []})
    );
    let publication = bo.next_publication("presence:site:main").await.unwrap();
    assert_eq!(publication.json(), view);
    assert_eq!(publication.version, Some(T0));
}

#[tokio::test]
async fn with_visibility_counts_the_public_channel_carries_no_list() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("VISIBILITY", "counts");
    stage.set("PUBLISH_MEMBERS_CHANNEL", "members:{channel}");
    let channels = ["site:main", "presence:site:main", "members:site:main"];
    let mut ann = stage.user("42", json!({"name": "Ann"}), &channels).await;
    let guest = stage.guest(&channels).await;
    assert!(!guest.is_subscribed("members:site:main"), "the namespace is for signed-in users");

    assert_eq!(stage.roll_call(T0).await.unwrap().published, 2);
    let public = ann.next_publication("presence:site:main").await.unwrap();
    assert!(!public.data.get().contains("Ann"), "{}", public.data.get());
    assert_eq!(public.json()["live"]["members_channel"], "members:site:main");
    let members = ann.next_publication("members:site:main").await.unwrap();
    assert_eq!(members.json()["members"][0]["info"]["name"], "Ann");
}

#[tokio::test]
async fn the_list_of_a_private_channel_reaches_those_alone_whose_token_names_it() {
    let mut stage = Stage::watching("room:*").await;
    stage.set("PRIVATE_CHANNELS", "room:board");
    stage.set("PRIVATE_MEMBERS_CHANNEL", "private:{channel}");
    let boss = sign(
        stage.centrifugo.token_secret(),
        &json!({"sub": "ceo", "info": {"name": "Boss"}, "subs": {"private:room:board": {}}}),
    );
    let channels = ["room:board", "presence:room:board"];
    let mut boss =
        Visitor::connect_to(&stage.centrifugo.client_url(), Some(&boss.unwrap()), &channels)
            .await
            .unwrap();
    let everything =
        ["presence:room:board", "private:room:board", "room:open", "presence:room:open"];
    let mut stranger = stage.user("7", json!({"name": "Bo"}), &everything).await;
    assert!(!stranger.is_subscribed("private:room:board"));

    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.committed, report.published, report.failed), (2, 3, vec![]));
    let public = stranger.next_publication("presence:room:board").await.unwrap();
    assert!(!public.data.get().contains("Boss") && !public.data.get().contains("\"members\""));
    assert_eq!(public.json()["live"]["members_channel"], "private:room:board");
    let open = stranger.next_publication("presence:room:open").await.unwrap();
    assert_eq!(open.json()["members"][0]["info"]["name"], "Bo");
    assert_eq!(open.json()["live"].get("members_channel"), None);
    let list = boss.next_publication("private:room:board").await.unwrap();
    assert_eq!(list.json()["members"][0]["info"]["name"], "Boss");
}

#[tokio::test]
async fn without_an_output_of_its_own_a_private_list_is_published_nowhere() {
    let mut stage = Stage::watching("room:board").await;
    stage.set("PRIVATE_CHANNELS", "room:*");
    let mut ceo =
        stage.user("ceo", json!({"name": "Boss"}), &["room:board", "presence:room:board"]).await;
    assert_eq!(stage.roll_call(T0).await.unwrap().published, 1);
    let public = ceo.next_publication("presence:room:board").await.unwrap();
    assert!(!public.data.get().contains("Boss"), "{}", public.data.get());
    assert_eq!(stage.members("room:board").await.unwrap()["members"][0]["id"], "ceo", "it is kept");
}

#[tokio::test]
async fn nothing_is_published_where_no_channel_is_given() {
    let mut stage = Stage::watching("site:main").await;
    stage.set("PUBLISH_CHANNEL", "");
    assert_eq!(stage.roll_call(T0).await.unwrap().published, 0);
    assert_eq!(stage.members("site:main").await.unwrap().get("live"), None);
}

#[tokio::test]
async fn globs_are_asked_and_what_rollcall_publishes_to_is_left_out() {
    let stage = Stage::watching("*,room:always").await;
    let _guest = stage.guest(&["room:1", "site:main", "presence:site:main"]).await;
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!(
        (report.watched, report.committed),
        (3, 3),
        "room:1, site:main and room:always: {report:?}"
    );
    assert_eq!(stage.members("room:1").await.unwrap()["present"], 1);
    assert_eq!(stage.members("room:always").await.unwrap()["present"], 0);
    assert_eq!(stage.members("presence:site:main").await, None);
}

#[tokio::test]
async fn more_channels_than_one_call_asks_are_all_taken() {
    let channels: Vec<String> = (0..600).map(|n| format!("room:{n}")).collect();
    let stage = Stage::watching(&channels.join(",")).await;
    let _guest = stage.guest(&["room:599"]).await;
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.watched, report.committed, report.published), (600, 600, 600));
    assert_eq!(stage.members("room:599").await.unwrap()["present"], 1);
}

#[tokio::test]
async fn any_channel_name_is_taken() {
    // Braces are escaped in a list of globs; Centrifugo's own subscribers are held to ASCII names.
    let long = format!("room:{}", "x".repeat(250));
    let stage = Stage::watching(&format!(r"room:\{{a\}},room:a b,room:ü/é,{long}")).await;
    let _guest = stage.guest(&["room:{a}", "room:a b", &long]).await;
    let report = stage.roll_call(T0).await.unwrap();
    assert_eq!((report.committed, report.published), (4, 4), "{report:?}");
    for channel in ["room:{a}", "room:a b", &long] {
        let view = stage.members(channel).await.unwrap();
        assert_eq!((&view["present"], &view["channel"]), (&json!(1), &json!(channel)));
    }
    assert_eq!(stage.members("room:ü/é").await.unwrap()["present"], 0);
}

#[tokio::test]
async fn any_name_of_a_user_stays_text() {
    let stage = Stage::watching("site:main").await;
    let html = "<img src=x onerror=alert(1)>\u{2028}\"'\\";
    let long = "ŋ".repeat(10_000);
    let right_to_left = "\u{202e}عبد الله";
    let _visitors = [
        stage.user("1", json!({"name": html}), &["site:main"]).await,
        stage
            .user("2", json!({"name": long, "avatar": "javascript:alert(1)"}), &["site:main"])
            .await,
        stage.user("3", json!({"name": right_to_left}), &["site:main"]).await,
    ];
    assert_eq!(stage.roll_call(T0).await.unwrap().published, 1);
    let members = stage.members("site:main").await.unwrap()["members"].clone();
    assert_eq!(members[0]["info"], json!({"name": html}));
    assert_eq!(members[1]["info"], json!({"name": "ŋ".repeat(256)}));
    assert_eq!(members[2]["info"], json!({"name": right_to_left}));
}
