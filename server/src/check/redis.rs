//! Redis: whether it is there, new enough, and lets a roll call be committed.

use std::sync::Arc;

use ::presence::Clock;
use store::{Error, Patience, Store};

use super::TRIAL;
use super::line::Line;
use super::see::See;
use super::variables::Known;

const CONNECTION: &str = "redis.connection";
const VERSION: &str = "redis.version";
const RIGHTS: &str = "redis.rights";
/// The first whose commands suffice.
const OLDEST: (u32, u32) = (6, 2);

pub(super) async fn look(known: &Known, clock: &Clock) -> Vec<Line> {
    let Some(config) = &known.store else { return Vec::new() };
    let place = config.place();
    let store = match Store::new(config, Patience::OF_A_ROLL_CALL, Arc::clone(clock)) {
        Ok(store) => store,
        Err(error) => return vec![no_connection(&place, &error)],
    };
    if let Err(error) = store.ping().await {
        return vec![no_connection(&place, &error)];
    }
    let mut lines = vec![Line::ok(CONNECTION, &place, "answers"), version(&store, &place).await];
    lines.push(if known.centrifugo.is_some() {
        rights(&store, &place, config.prefix()).await
    } else {
        Line::skipped(RIGHTS, &place, "the snapshot function only reads")
    });
    lines
}

fn no_connection(place: &str, error: &Error) -> Line {
    let (says, change) = match error {
        Error::Refused(why) if is_about_the_password(why) => (
            format!("refuses the user or the password: {why}"),
            "give REDIS_URL the user and password that Redis has: redis://user:password@host:6379",
        ),
        Error::Refused(why) if why.contains("Parse error") => (
            "something else answers there".to_owned(),
            "check host and port of REDIS_URL: what is there does not speak as Redis does",
        ),
        Error::Refused(why) => (
            format!("refuses: {why}"),
            "let the user of REDIS_URL connect and send PING (+@connection), and see whether Redis is ready",
        ),
        Error::TimedOut(time) => (
            format!("no answer within {} ms", time.as_millis()),
            "check host and port of REDIS_URL, and that nothing between keeps this machine away; rediss:// is for a Redis that speaks TLS, redis:// for one that does not",
        ),
        Error::Unreachable(why) => (
            format!("can't be reached: {why}"),
            "check REDIS_URL, and that Redis runs; rediss:// is for a Redis that speaks TLS, redis:// for one that does not",
        ),
        other => (other.to_string(), "check REDIS_URL"),
    };
    Line::wrong(CONNECTION, place, says).change(change, See::REDIS)
}

/// What Redis and its clients say where it lets nobody in.
fn is_about_the_password(why: &str) -> bool {
    ["WRONGPASS", "NOAUTH", "AuthenticationFailed", "invalid password", "without any password"]
        .iter()
        .any(|word| why.contains(word))
}

async fn version(store: &Store, place: &str) -> Line {
    match store.about().await {
        Ok(about) => {
            let says = format!("{} {}", about.name, about.version);
            if about.redis >= OLDEST {
                return Line::ok(VERSION, place, says);
            }
            let says = format!("{says} is too old");
            Line::wrong(VERSION, place, says)
                .change("take Redis 6.2 or newer, or Valkey", See::REDIS)
        }
        // Access lists that name what is needed and no more leave this out.
        Err(Error::Refused(_)) => {
            Line::skipped(VERSION, place, "its user may not ask: INFO is refused")
        }
        Err(error) => Line::skipped(VERSION, place, error.to_string()),
    }
}

async fn rights(store: &Store, place: &str, prefix: &str) -> Line {
    let wrong =
        |says: String, change: String| Line::wrong(RIGHTS, place, says).change(change, See::REDIS);
    let allow = |what: &str| {
        format!(
            "let the user of REDIS_URL {what}: ACL SETUSER … ~{prefix}:* +@read +@write +@connection +@scripting"
        )
    };
    match store.rehearse(TRIAL).await {
        Ok(refused) if refused.is_empty() => {
            let says = format!("scripts run, and may do what they need with {prefix}:*");
            Line::ok(RIGHTS, place, says)
        }
        Ok(refused) if refused.iter().any(|why| why.contains("READONLY")) => {
            let change = "REDIS_URL must name the primary: a replica takes nothing";
            wrong("it is a replica, and takes nothing".to_owned(), change.to_owned())
        }
        Ok(refused) => {
            let says = format!("within a script it refuses {}", refused.join("; "));
            wrong(says, allow(&format!("read and write {prefix}:*")))
        }
        Err(Error::Refused(why)) if why.contains("key") => wrong(
            format!("it refuses keys: {why}"),
            allow(&format!("reach {prefix}:*, or set REDIS_PREFIX to what it may reach")),
        ),
        Err(Error::Refused(why)) => {
            wrong(format!("it refuses scripts: {why}"), allow("run EVALSHA and EVAL"))
        }
        Err(error) => wrong(error.to_string(), "see whether Redis is overloaded".to_owned()),
    }
}
