//! Who is in a census and its views, whatever Centrifugo answers.

use std::collections::{BTreeMap, BTreeSet};

use presence::*;
use proptest::prelude::*;
use serde::de::DeserializeSeed;
use serde_json::{Value, json};

const SECRET: &str = "keepthisout";

/// Counts and parsed members view of an object of clients given as JSON text.
fn take(clients: &str, most: usize) -> (Counts, Value) {
    let guests = Guests::parse("anonymous,bot-*").unwrap();
    let fields = InfoFields::parse("name,avatar");
    let mut json = serde_json::Deserializer::from_str(clients);
    let census = CensusTaker { guests: &guests, fields: &fields }.deserialize(&mut json).unwrap();
    let counts = census.counts();
    let rules = Rules { guests: &guests, fields: &fields, grace: 1, recent: 0, listed_max: most };
    let comparison = compare(census, Before::Nothing, 7, rules);
    let heading = Heading {
        channel: "site:main",
        taken_at: 7,
        period: Period::default(),
        counts,
        peaks: comparison.head.peaks(),
        live: None,
    };
    let views = views(heading, &comparison.listing);
    assert!(!views.counts.contains("members"));
    for view in [&views.counts, &views.members] {
        assert!(!view.contains(SECRET) && !view.contains('\n'), "{view}");
    }
    (counts, serde_json::from_str(&views.members).unwrap())
}

#[test]
fn a_members_view_has_the_form_of_the_contract() {
    let (_, view) = take(
        r#"{"c2":{"user":"42","client":"c2","conn_info":{"name":"Ann","email":"x"}},
            "c1":{"user":"42","client":"c1"},
            "c3":{"user":"","client":"c3"}}"#,
        50,
    );
    assert_eq!(
        view,
        json!({"v": 1, "channel": "site:main", "taken_at": 7, "period": 60,
            "present": 2, "users": 1, "guests": 1, "clients": 3,
            "peak": {"today": {"present": 2, "at": 7}, "ever": {"present": 2, "at": 7}},
            "members": [{"id": "42", "info": {"name": "Ann"}, "clients": 2, "since": 7}],
            "truncated": false, "recent": []})
    );
}

#[test]
fn tabs_of_a_user_are_one_member_and_the_smallest_client_that_shows_something_speaks() {
    let (counts, view) = take(
        r#"{"c3":{"user":"1","conn_info":{"name":"third"}},
            "c1":{"user":"1","conn_info":{"email":"nothing shown"}},
            "c2":{"user":"1","chan_info":{"name":"second"},"conn_info":{"name":"not used"}}}"#,
        50,
    );
    assert_eq!((counts.users, counts.clients), (1, 3));
    assert_eq!(view["members"][0]["info"], json!({"name": "second"}));
}

#[test]
fn guests_are_counted_and_not_named() {
    let (counts, view) = take(
        r#"{"c1":{"user":""},"c2":{"user":""},"c3":{"user":"anonymous"},"c4":{"user":"anonymous"},
            "c5":{"user":"bot-7"},"c6":{"user":"9","conn_info":{"hidden":true,"name":"keepthisout"}},
            "c7":{"user":"9","conn_info":{"name":"keepthisout"}},
            "c8":{"user":"8","chan_info":["x"],"conn_info":{"hidden":true}}}"#,
        50,
    );
    assert_eq!(counts, Counts { present: 6, users: 0, guests: 6, clients: 8 });
    assert_eq!(view["members"], json!([]));
}

#[test]
fn one_bad_client_or_field_harms_no_other() {
    let (counts, view) = take(
        r#"{"c1":5,"c2":{"user":7},"c3":{"user":"1","conn_info":null,"chan_info":"x"},
            "c4":{"user":"2","conn_info":{"name":"half \ud83d","avatar":7}},"c5":{"user":"ü\u003c"}}"#,
        50,
    );
    assert_eq!(counts, Counts { present: 5, users: 3, guests: 2, clients: 5 });
    assert_eq!(view["members"][0], json!({"id": "1", "info": {}, "clients": 1, "since": 7}));
    assert!(view["members"][1]["info"]["name"].as_str().unwrap().starts_with("half "));
    assert_eq!(view["members"][2]["id"], "ü<");
}

#[test]
fn the_list_is_cut_and_says_so() {
    let clients: BTreeMap<String, Value> =
        (0..5).map(|n| (format!("c{n}"), json!({"user": format!("u{n}")}))).collect();
    let clients = serde_json::to_string(&clients).unwrap();
    let (counts, view) = take(&clients, 2);
    assert_eq!(counts.users, 5);
    assert_eq!(view["truncated"], true);
    let ids: Vec<_> = view["members"].as_array().unwrap().iter().map(|m| m["id"].clone()).collect();
    assert_eq!(ids, ["u0", "u1"]);
    let (_, view) = take(&clients, 0);
    assert_eq!((&view["members"], &view["truncated"]), (&json!([]), &json!(true)));
}

#[test]
fn a_list_too_long_to_be_published_is_cut_by_bytes() {
    let name = "\u{1F600}".repeat(256);
    let clients: BTreeMap<String, Value> = (0..1000)
        .map(|n| (format!("c{n}"), json!({"user": format!("u{n}"), "conn_info": {"name": name}})))
        .collect();
    let (_, view) = take(&serde_json::to_string(&clients).unwrap(), 1000);
    let length = serde_json::to_string(&view["members"]).unwrap().len();
    assert!(length <= LISTED_BYTES_MAX && length > LISTED_BYTES_MAX * 9 / 10, "{length}");
    assert_eq!(view["truncated"], true);
}

fn any_client() -> impl Strategy<Value = Value> {
    let user =
        prop_oneof![Just(""), Just("anonymous"), Just("bot-1"), Just("1"), Just("2"), Just("3")];
    let info = prop_oneof![
        Just(Value::Null),
        Just(json!("text")),
        Just(json!([1])),
        "[a-c]{0,3}".prop_map(|name| json!({ "name": name })),
        "[a-c]{0,3}".prop_map(|name| json!({"email": name})),
    ];
    (user, info.clone(), info).prop_map(|(user, conn_info, chan_info)| {
        json!({"user": user, "conn_info": conn_info, "chan_info": chan_info})
    })
}

fn as_object(clients: &[(String, Value)]) -> String {
    let members: Vec<_> = clients.iter().map(|(id, client)| format!("{:?}:{client}", id)).collect();
    format!("{{{}}}", members.join(","))
}

proptest! {
    #[test]
    fn the_order_of_clients_does_not_matter(
        (clients, shuffled) in prop::collection::vec(any_client(), 0..12).prop_flat_map(|clients| {
            let clients: Vec<_> =
                clients.into_iter().enumerate().map(|(n, client)| (format!("c{n}"), client)).collect();
            (Just(clients.clone()), Just(clients).prop_shuffle())
        })
    ) {
        prop_assert_eq!(take(&as_object(&clients), 50), take(&as_object(&shuffled), 50));
    }

    #[test]
    fn the_numbers_add_up(clients in prop::collection::vec(any_client(), 0..30)) {
        let clients: Vec<_> =
            clients.into_iter().enumerate().map(|(n, client)| (format!("c{n}"), client)).collect();
        let (counts, view) = take(&as_object(&clients), 50);
        prop_assert_eq!(counts.present, counts.users + counts.guests);
        prop_assert_eq!(counts.clients, clients.len() as u64);
        let named: BTreeSet<_> = clients
            .iter()
            .map(|(_, client)| client["user"].as_str().unwrap())
            .filter(|user| ["1", "2", "3"].contains(user))
            .collect();
        prop_assert_eq!(counts.users, named.len() as u64);
        let listed: BTreeSet<_> =
            view["members"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
        prop_assert_eq!(listed, named);
    }

    /// `take` asserts that the word is in no byte of either view.
    #[test]
    fn a_hidden_user_is_in_no_byte_of_any_view(
        mut clients in prop::collection::vec(any_client(), 0..8),
        others in prop::collection::vec(prop::bool::ANY, 1..4),
        place in 0_usize..8,
    ) {
        let hidden = json!({"name": SECRET, "hidden": true});
        let shown = json!({"name": SECRET});
        let user = format!("{SECRET}-id");
        for in_channel_info in others {
            let key = if in_channel_info { "chan_info" } else { "conn_info" };
            clients.insert(place.min(clients.len()), json!({"user": user, key: shown}));
        }
        clients.insert(place.min(clients.len()), json!({"user": user, "conn_info": hidden}));
        let clients: Vec<_> =
            clients.into_iter().enumerate().map(|(n, client)| (format!("c{n}"), client)).collect();
        take(&as_object(&clients), 50);
    }
}
