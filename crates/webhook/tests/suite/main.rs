//! Events to a receiver that verifies them by the standard's own library.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::{Hook, Reception, now_seconds};
use presence::{Event, Period};
use roll_call::Announcer as _;
use serde_json::json;
use settings::{Reader, from_pairs};
use webhook::{Config, Webhook};

fn webhook_to(url: &str) -> Webhook {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let pairs = [("EVENT_WEBHOOK_URL", url), ("EVENT_WEBHOOK_SECRET", Hook::SECRET)];
    let lookup = from_pairs(&pairs);
    let mut reader = Reader::new(&lookup);
    let config = Config::read(&mut reader);
    let clock = Arc::new(|| now_seconds() * 1000);
    Webhook::new(reader.finish(config).unwrap(), Period::default(), clock).unwrap()
}

fn event(channel: &str) -> Event {
    let detail =
        json!({"v": 1, "id": format!("{channel}@1790000000000#changed"), "channel": channel});
    Event::of_detail(&detail.to_string()).unwrap()
}

async fn send(webhook: &Webhook, channel: &str) -> Result<Result<(), String>, String> {
    let verdicts = webhook.announce(&[&event(channel)]).await?;
    assert_eq!(verdicts.len(), 1);
    Ok(verdicts.into_iter().next().unwrap())
}

#[tokio::test]
async fn the_standards_own_library_takes_an_event_as_signed() {
    let hook = Hook::start(|_| Reception::Status(200)).await.unwrap();
    let webhook = webhook_to(&hook.url());
    for channel in ["site:main", "room:ü \"quoted\" 🦀"] {
        send(&webhook, channel).await.unwrap().unwrap();
    }
    let [first, second] = hook.received().try_into().unwrap();
    assert_eq!((first.forged, second.forged), (None, None));
    assert_eq!(first.body["type"], "presence.changed");
    assert_eq!(first.body["timestamp"], "2026-09-21T14:13:20.000Z");
    assert_eq!(first.body["data"]["id"], "site:main@1790000000000#changed");
    assert_eq!(second.body["data"]["channel"], "room:ü \"quoted\" 🦀");
    assert!(first.id.starts_with("evt_") && first.id.len() == 36 && first.id != second.id);
    assert!(now_seconds() - first.timestamp <= 5, "the second of this try");
    assert_eq!(first.authorization, None);
}

#[tokio::test]
async fn a_trial_is_signed_as_an_event_is() {
    let hook = Hook::start(|before| Reception::Status(if before == 0 { 204 } else { 401 }));
    let hook = hook.await.unwrap();
    let webhook = webhook_to(&hook.url());
    webhook.send_trial().await.unwrap();
    let error = webhook.send_trial().await.unwrap_err();
    assert!(error.contains("status 401"), "{error}");
    let message = &hook.received()[0];
    assert_eq!(
        (message.forged.as_deref(), &message.body["type"]),
        (None, &json!("rollcall.check"))
    );
    assert!(message.id.starts_with("evt_") && message.body["data"].is_object());
}

#[tokio::test]
async fn the_address_may_hold_a_password() {
    let hook = Hook::start(|_| Reception::Status(204)).await.unwrap();
    let webhook = webhook_to(&hook.url().replace("http://", "http://rollcall:p%40ss@"));
    send(&webhook, "site:main").await.unwrap().unwrap();
    // printf 'rollcall:p@ss' | base64
    assert_eq!(hook.received()[0].authorization.as_deref(), Some("Basic cm9sbGNhbGw6cEBzcw=="));
}

#[tokio::test]
async fn what_is_not_2xx_is_refused_and_a_redirect_is_not_followed() {
    let other = Hook::start(|_| Reception::Status(200)).await.unwrap();
    let to = other.url();
    let hook = Hook::start(move |before| match before {
        0 => Reception::Status(299),
        1 => Reception::Redirect(to.clone()),
        2 => Reception::LongHead(200, 16 * 1024),
        3 => Reception::Status(401),
        _ => Reception::Status(503),
    });
    let hook = hook.await.unwrap();
    let webhook = webhook_to(&hook.url().replace("http://", "http://rollcall:hunter2@"));
    assert_eq!(send(&webhook, "site:main").await, Ok(Ok(())));
    for expected in [
        "a redirect is not followed",
        "the head of its answer is too long",
        "signature",
        "status 503",
    ] {
        let error = send(&webhook, "site:main").await.unwrap().unwrap_err();
        assert!(
            error.starts_with("127.0.0.1 refuses an event: ") && error.contains(expected),
            "{error}"
        );
        assert!(!error.contains("hunter2") && !error.contains("hooks"), "{error}");
    }
    assert!(other.received().is_empty());
    let ids: Vec<String> = hook.received().into_iter().map(|message| message.id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "the same on every try");
}

#[tokio::test]
async fn one_that_is_slow_is_waited_for_five_seconds_and_one_that_is_dead_not_at_all() {
    let hook = Hook::start(|_| Reception::Slow(Duration::from_secs(60))).await.unwrap();
    let start = Instant::now();
    let error = send(&webhook_to(&hook.url()), "site:main").await.unwrap().unwrap_err();
    assert!(error.contains("no answer within 5 s"), "{error}");
    assert!((5..8).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    let dead = send(&webhook_to("http://127.0.0.1:1/hooks/secret"), "site:main").await.unwrap_err();
    assert!(dead.contains("127.0.0.1 takes nothing") && !dead.contains("secret"), "{dead}");
}
