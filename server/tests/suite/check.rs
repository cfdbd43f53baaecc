//! `rollcall check`, and that it changes nothing.

use harness::{Centrifugo, Visit, Visitor};
use serde_json::{Map, Value, json};

use crate::stage::Stage;

/// A page's origin that the documented configuration lets connect.
const ORIGIN: &str = "https://www.example.com";

/// The program beside a Centrifugo and a Redis, with every variable that has a channel to publish to.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) configuration: Value,
}

/// What the program said as JSON.
#[derive(Debug)]
pub(crate) struct Checks {
    pub(crate) status: i32,
    lines: Vec<Value>,
}

impl Scene {
    /// All as the documents have it.
    pub(crate) async fn documented() -> Self {
        Self::with(documented()).await
    }

    /// The same with another configuration of Centrifugo.
    pub(crate) async fn with(configuration: Value) -> Self {
        let centrifugo = Centrifugo::start_with(configuration.clone()).await.unwrap();
        let mut stage = Stage::beside(centrifugo, "site:main,room:*,team:*").await;
        stage.set("CENTRIFUGO_CLIENT_URL", &stage.centrifugo.client_url());
        stage.set("CENTRIFUGO_TOKEN_HMAC_SECRET", stage.centrifugo.token_secret());
        stage.set("VISIBILITY", "counts");
        stage.set("PUBLISH_MEMBERS_CHANNEL", "members:{channel}");
        stage.set("PRIVATE_CHANNELS", "team:*");
        stage.set("PRIVATE_MEMBERS_CHANNEL", "private:{channel}");
        Self { stage, configuration }
    }

    pub(crate) async fn check(&self) -> Checks {
        self.check_with(&["--origin", ORIGIN]).await
    }

    pub(crate) async fn check_with(&self, options: &[&str]) -> Checks {
        let ended = self.stage.run(&[&["check", "--json"], options].concat()).await;
        assert!(ended.stderr.is_empty(), "{ended:?}");
        let document: Value = serde_json::from_str(&ended.stdout).unwrap();
        let Value::Array(lines) = document["checks"].clone() else { panic!("{document}") };
        assert_eq!(document["v"], 1);
        let is_wrong = lines.iter().any(|line| line["state"] == "wrong");
        assert_eq!((&document["ok"], ended.status), (&json!(!is_wrong), i32::from(is_wrong)));
        Checks { status: ended.status, lines }
    }

    /// Does what the lines say, as far as it is a matter of Centrifugo's configuration, and starts that anew; whether there
    /// was anything to do.
    pub(crate) async fn follow(&mut self, checks: &Checks) -> bool {
        let changes = checks.lines.iter().filter_map(|line| line["change"].as_str());
        let applied = changes.filter(|change| apply(&mut self.configuration, change)).count();
        self.stage.centrifugo.restart_with(self.configuration.clone()).await.unwrap();
        applied > 0
    }
}

impl Checks {
    /// What is wrong or not as meant, e.g. `wrong centrifugo.presence room`.
    pub(crate) fn faults(&self) -> Vec<String> {
        let faults = self.lines.iter().filter(|line| line["state"] != "ok");
        let faults = faults.filter(|line| line["state"] != "skipped");
        faults.map(name).collect()
    }

    /// What was not looked at.
    pub(crate) fn skipped(&self) -> Vec<String> {
        self.lines.iter().filter(|line| line["state"] == "skipped").map(name).collect()
    }

    /// The line about that.
    pub(crate) fn line(&self, what: &str, of: &str) -> &Value {
        let mut lines = self.lines.iter();
        let found = lines.find(|line| line["what"] == what && line["of"] == of);
        found.unwrap_or_else(|| panic!("nothing is said of {what} {of}: {self:?}"))
    }
}

fn name(line: &Value) -> String {
    let word = |field: &str| line[field].as_str().unwrap();
    format!("{} {} {}", word("state"), word("what"), word("of"))
}

/// The configuration of docs/CENTRIFUGO.md, with key and secret.
pub(crate) fn documented() -> Value {
    let json = harness::documented("docs/CENTRIFUGO.md", "json").unwrap();
    let mut configuration: Value = serde_json::from_str(&json).unwrap();
    configuration["http_api"]["key"] = "dev-api-key".into();
    configuration["client"]["token"]["hmac_secret_key"] = "dev-token-secret".into();
    configuration
}

/// A namespace of a configuration.
pub(crate) fn namespace<'c>(configuration: &'c mut Value, name: &str) -> &'c mut Value {
    let namespaces = configuration["channel"]["namespaces"].as_array_mut().unwrap();
    namespaces.iter_mut().find(|namespace| namespace["name"] == name).unwrap()
}

/// Carries out a change as it is written; `false` where it is none of the configuration.
fn apply(configuration: &mut Value, change: &str) -> bool {
    if let Some((json, _)) = quoted(change, "add `") {
        let namespaces = &mut configuration["channel"]["namespaces"];
        if namespaces.is_null() {
            *namespaces = json!([]);
        }
        let namespace: Value = serde_json::from_str(json).unwrap();
        let namespaces = namespaces.as_array_mut().unwrap();
        // Two lines may miss the same one.
        if !namespaces.iter().any(|known| known["name"] == namespace["name"]) {
            namespaces.push(namespace);
        }
        return true;
    }
    let Some((json, rest)) = quoted(change, "set `") else { return false };
    // Where the value is a secret, the text says whose.
    let secret = if json.contains("http_api") { "dev-api-key" } else { "dev-token-secret" };
    let json = json.replace('…', secret);
    let Ok(options) = serde_json::from_str(&format!("{{{json}}}")) else { return false };
    let place = match quoted(rest, " in the namespace `") {
        Some((name, _)) => namespace(configuration, name),
        None => configuration,
    };
    merge(place, options);
    true
}

/// What stands in backticks behind `before`, and what follows.
fn quoted<'t>(text: &'t str, before: &str) -> Option<(&'t str, &'t str)> {
    text.split_once(before)?.1.split_once('`')
}

fn merge(place: &mut Value, options: Map<String, Value>) {
    for (name, value) in options {
        match value {
            Value::Object(options) => merge(&mut place[name], options),
            Value::Array(items) if place[&name].is_array() => {
                place[name].as_array_mut().unwrap().extend(items);
            }
            value => place[name] = value,
        }
    }
}

#[tokio::test]
async fn what_the_documents_say_is_right() {
    let scene = Scene::documented().await;
    let checks = scene.check().await;
    assert_eq!((checks.faults(), checks.skipped()), (vec![], vec![]));
    assert_eq!(checks.status, 0);
    for (what, of, says) in [
        ("visitor.subscribe", "room", "signed-in visitors are counted, guests are not"),
        ("visitor.subscribe", "team", "a token that names the channel is the only way in"),
        ("visitor.subscribe", "members", "signed-in visitors alone may read the list"),
        ("centrifugo.recovery", "private", "whoever subscribes gets the last view at once"),
    ] {
        assert_eq!(checks.line(what, of)["says"], says);
    }
}

#[tokio::test]
async fn it_changes_nothing_that_anyone_sees() {
    // Joins are told, to see who comes.
    let mut configuration = documented();
    for name in ["site", "presence"] {
        namespace(&mut configuration, name)["join_leave"] = true.into();
        namespace(&mut configuration, name)["force_push_join_leave"] = true.into();
    }
    let scene = Scene::with(configuration).await;
    let stage = &scene.stage;
    let channels = ["site:main", "presence:site:main"];
    let page = Visit { user: None, info: json!({}), channels: &channels };
    let mut page = Visitor::connect(&stage.centrifugo, page).await.unwrap();
    // A version is remembered beyond the publication; a trial leaves no trace of one, or views would be muted.
    let view = json!({"channel": "presence:site:main", "data": {"n": 1}, "version": 5});
    stage.centrifugo.api("publish", &view).await.unwrap();
    scene.check().await;
    let view = json!({"channel": "presence:site:main", "data": {"n": 2}, "version": 6});
    stage.centrifugo.api("publish", &view).await.unwrap();
    for n in [1, 2] {
        let seen = page.next_publication("presence:site:main").await.unwrap();
        assert_eq!(seen.json(), json!({"n": n}));
    }
    assert!(page.received().is_empty());
    assert_eq!(stage.centrifugo.presence("site:main").await.unwrap().len(), 1);
    let there = stage.centrifugo.api("channels", &json!({})).await.unwrap();
    let there: Vec<&String> = there["channels"].as_object().unwrap().keys().collect();
    assert_eq!(there, ["presence:site:main", "site:main"]);
    for namespace in ["presence", "members", "private"] {
        let asked = json!({"channel": format!("{namespace}:rollcall-check"), "limit": 10});
        let history = stage.centrifugo.api("history", &asked).await.unwrap();
        assert_eq!(history["publications"], json!([]), "{namespace}");
    }
    let keys: Vec<String> = stage.redis.command(&["KEYS", "*"]).await.unwrap();
    assert!(keys.is_empty(), "{keys:?}");
}

#[tokio::test]
async fn a_default_configuration_is_led_to_a_right_one() {
    // What `centrifugo genconfig` writes, but for admin: other secrets, and nothing else.
    let mut scene = Scene::with(json!({
        "client": {"token": {"hmac_secret_key": "its-own"}, "allowed_origins": []},
        "http_api": {"key": "its-own"},
    }))
    .await;
    let mut rounds = 0;
    let checks = loop {
        let checks = scene.check().await;
        rounds += 1;
        // Whoever lets guests connect has to be told once that these may look at views, too.
        if checks.faults().is_empty() || rounds == 8 {
            break checks;
        }
        assert!(scene.follow(&checks).await, "nothing is said of what to change: {checks:?}");
    };
    assert_eq!((checks.faults(), checks.skipped()), (vec![], vec![]), "after {rounds} rounds");
    let _visitor = scene.stage.user("42", "site:main").await;
    let taken = scene.stage.run(&["take"]).await;
    assert_eq!((taken.status, &taken.report()["published"]), (0, &json!(2)), "{taken:?}");
    let view = scene.stage.members("site:main").await.unwrap();
    assert_eq!(view["members"][0]["id"], "42", "{view}");
}

#[tokio::test]
async fn of_any_other_glob_the_channels_there_now_tell_the_namespaces() {
    let mut scene = Scene::documented().await;
    scene.stage.set("WATCH_CHANNELS", "{site,room}:*");
    let nobody = scene.check().await;
    assert_eq!(nobody.faults(), Vec::<String>::new());
    assert_eq!(nobody.skipped(), ["skipped centrifugo.presence {site,room}:*"]);
    let _visitor = scene.stage.user("42", "site:main").await;
    let somebody = scene.check().await;
    assert_eq!(somebody.skipped(), Vec::<String>::new());
    assert_eq!(somebody.line("centrifugo.presence", "site")["state"], "ok");
    assert_eq!(somebody.line("centrifugo.recovery", "presence")["state"], "ok");
}

#[tokio::test]
async fn one_functions_variables_are_looked_at_alone() {
    let mut scene = Scene::documented().await;
    for name in ["CENTRIFUGO_API_URL", "CENTRIFUGO_API_KEY"] {
        scene.stage.unset(name);
    }
    let snapshot = scene.check().await;
    assert_eq!(snapshot.faults(), Vec::<String>::new());
    let expected = "skipped variables CENTRIFUGO_API_URL, CENTRIFUGO_API_KEY";
    assert_eq!(snapshot.skipped()[0], expected);
    assert!(snapshot.skipped().iter().any(|line| line.starts_with("skipped redis.rights ")));
    assert_eq!(snapshot.line("visitor.subscribe", "presence")["state"], "ok");

    let mut scene = Scene::documented().await;
    scene.stage.unset("CENTRIFUGO_TOKEN_HMAC_SECRET");
    scene.stage.unset("CENTRIFUGO_CLIENT_URL");
    scene.stage.set("SHARD_BUS_NAME", "shards");
    let collector = scene.check().await;
    assert_eq!(collector.faults(), ["warn variables PRIVATE_CHANNELS"]);
    assert_eq!(collector.line("centrifugo.presence", "team")["state"], "ok");
    assert_eq!(collector.line("centrifugo.socket", "CENTRIFUGO_CLIENT_URL")["state"], "skipped");
}

#[tokio::test]
async fn each_wrong_variable_is_a_line_and_no_secret_is_shown() {
    let mut scene = Scene::documented().await;
    scene.stage.set("CENTRIFUGO_TOKEN_HMAC_SECRET", "hunter2");
    scene.stage.set("REDIS_URL", "http://user:hunter2@x");
    scene.stage.set("CENTRIFUGO_API_KEY", "hunter2\n");
    scene.stage.set("EVENT_WEBHOOK_URL", "https://hunter2@example.com/hunter2");
    scene.stage.set("LISTEN", "everywhere");
    let checks = scene.check().await;
    for name in ["REDIS_URL", "CENTRIFUGO_API_KEY", "EVENT_WEBHOOK_SECRET", "LISTEN"] {
        assert_eq!(checks.line("variables", name)["state"], "wrong", "{name}");
    }
    let plain = scene.stage.run(&["check"]).await;
    assert_eq!(plain.status, 1);
    assert!(!plain.stdout.contains("hunter2"), "{}", plain.stdout);
}

#[tokio::test]
async fn a_pipe_gets_no_colour() {
    let scene = Scene::documented().await;
    let ended = scene.stage.run(&["check"]).await;
    assert!(ended.stdout.is_ascii(), "{}", ended.stdout);
    assert!(!ended.stdout.contains('\x1b'));
    assert_eq!(ended.stdout.lines().last(), Some("37 ok, 1 skipped"));
}
