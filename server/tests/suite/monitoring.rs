//! The dashboard and the alerts of docs/monitoring, by a real Prometheus that asks the program. Grafana itself is not run:
//! what it would do with the dashboard's queries is done here.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use harness::{Prometheus, eventually};
use serde_json::Value;

use crate::stage::{Serving, Stage};

const SOON: Duration = Duration::from_secs(30);

fn dashboard() -> Value {
    let text = fs::read(harness::root().join("docs/monitoring/grafana.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// A query with what Grafana puts in the place of its variables.
fn filled_in(query: &str) -> String {
    let query = query.replace("$__rate_interval", "1m").replace("$job", ".+");
    assert!(!query.contains('$'), "{query} has a variable that nobody fills in");
    query
}

fn queries(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets.map(|target| filled_in(target["expr"].as_str().unwrap())).collect()
}

/// The metrics that a program tells of, by their names in a query.
fn families(metrics: &str) -> BTreeSet<String> {
    let types = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let name = |line: &str| match line.split_once(' ').unwrap() {
        (name, "counter") => format!("{name}_total"),
        (name, "histogram") => format!("{name}_bucket"),
        (name, _) => name.to_owned(),
    };
    types.map(name).collect()
}

/// A Prometheus that asks the program, with the alerts.
async fn asks(serving: &Serving) -> Prometheus {
    let target = serving.metrics_url.trim_start_matches("http://").trim_end_matches("/metrics");
    let alerts = harness::root().join("docs/monitoring/alerts.yaml");
    Prometheus::start(target, &alerts).await.unwrap()
}

async fn number(prometheus: &Prometheus, query: &str) -> Option<f64> {
    let series = prometheus.query(query).await.unwrap();
    let number: f64 = series.first()?["value"][1].as_str()?.parse().ok()?;
    (!number.is_nan()).then_some(number)
}

#[tokio::test]
async fn each_query_of_the_dashboard_has_an_answer_and_each_metric_a_query() {
    let mut stage = Stage::watching("site:main,room:*").await;
    stage.set("PERIOD_SECONDS", "10");
    let _visitors = [stage.user("ann", "site:main").await, stage.user("bo", "room:1").await];
    let serving = stage.serve().await;
    let prometheus = asks(&serving).await;
    let dashboard = dashboard();

    let queries = queries(&dashboard);
    for query in &queries {
        serving.get("/v1/presence/site:main").await;
        let answer = async || number(&prometheus, query).await;
        eventually(SOON, query, answer).await.unwrap();
    }
    for (query, value) in
        [("max(rollcall_present{job=~\".+\"})", 2.0), ("max(rollcall_channels{job=~\".+\"})", 2.0)]
    {
        assert!(queries.iter().any(|known| known == query), "{query}: {queries:#?}");
        let answer = number(&prometheus, query).await.unwrap();
        assert!((answer - value).abs() < 1e-9, "{query} is {answer}");
    }
    let all = queries.concat();
    for family in families(&serving.metrics().await) {
        assert!(all.contains(&family), "{family} is on no panel");
    }
}

#[tokio::test]
async fn the_alerts_are_still_while_all_is_well_and_see_a_program_that_is_gone() {
    let mut stage = Stage::watching("site:main").await;
    let mut serving = stage.serve().await;
    serving.roll_calls("committed", 1.0).await;
    let prometheus = asks(&serving).await;
    let state = async |name: &str| {
        let rules = prometheus.rules().await.unwrap();
        let rule = rules.into_iter().find(|rule| rule["name"] == name).unwrap();
        assert!(rule["health"] != "err", "{rule}");
        rule["state"].as_str().unwrap().to_owned()
    };
    let names: Vec<String> = prometheus.rules().await.unwrap().iter().map(name).collect();
    assert_eq!(names.len(), 5);
    let is_asked = async || number(&prometheus, "up{job=\"rollcall\"} == 1").await;
    eventually(SOON, "Prometheus asks", is_asked).await.unwrap();
    for name in &names {
        assert_eq!(state(name).await, "inactive", "{name}");
    }
    serving.process.kill();
    let is_seen = async || (state("RollcallDoesNotAnswer").await == "pending").then_some(());
    eventually(SOON, "the alert sees it", is_seen).await.unwrap();
}

fn name(rule: &Value) -> String {
    rule["name"].as_str().unwrap().to_owned()
}

#[test]
fn the_panels_have_ids_and_places_of_their_own() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let mut taken = BTreeSet::new();
    for panel in panels {
        let place = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{panel}");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(taken.insert((x, y)), "{} lies over another", panel["title"]);
            }
        }
    }
}
