//! Redis: whether it is there, new enough, and lets a roll call be committed.

use std::sync::Arc;

use ::presence::Clock;
use store::{About, Error, Patience, Store};

use super::TRIAL;
use super::line::Line;
use super::see::See;
use super::variables::Known;

const CONNECTION: &str = "redis.connection";
const VERSION: &str = "redis.version";
const RIGHTS: &str = "redis.rights";
/// The first whose commands suffice.
const OLDEST: (u32, u32) = (6, 2);

/// Looks at Redis, as far as there is an address.
pub(super) async fn look(known: &Known, clock: &Clock) -> Vec<Line> {
    let Some(config) = &known.store else { return Vec::new() };
    let place = config.place();
    let store = match Store::new(config, Patience::OF_A_ROLL_CALL, Arc::clone(clock)) {
        Ok(store) => store,
        Err(error) => return vec![no_connection(&place, &error)],
    };
    let version = match store.about().await {
        Ok(about) => version(&place, &about),
        // Access lists that name what is needed and no more leave this out.
        Err(Error::Refused(why)) if has_code(&why, "NOPERM") => {
            Line::skipped(VERSION, &place, "its user may not ask: INFO is refused")
        }
        Err(error) => return vec![no_connection(&place, &error)],
    };
    let mut lines = vec![Line::ok(CONNECTION, &place, "answers"), version];
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
        Error::Refused(why) => {
            (format!("refuses: {why}"), "see whether Redis is ready, and what its log says")
        }
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

/// What Redis and its client say where it lets nobody in.
fn is_about_the_password(why: &str) -> bool {
    let codes = ["WRONGPASS", "NOAUTH", "AUTHENTICATIONFAILED"];
    codes.iter().any(|code| has_code(why, code))
}

/// Whether Redis refuses with that code. Its client writes those that it knows in its own way: `NoPerm`.
fn has_code(why: &str, code: &str) -> bool {
    why.to_uppercase().contains(code)
}

fn version(place: &str, about: &About) -> Line {
    let says = format!("{} {}", about.name, about.version);
    if about.redis >= OLDEST {
        return Line::ok(VERSION, place, says);
    }
    Line::wrong(VERSION, place, format!("{says} is too old"))
        .change("take Redis 6.2 or newer, or Valkey", See::REDIS)
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
        Ok(refused) if refused.iter().any(|why| has_code(why, "READONLY")) => {
            let change = "REDIS_URL must name the primary: a replica takes nothing";
            wrong("it is a replica, and takes nothing".to_owned(), change.to_owned())
        }
        Err(Error::Refused(why)) if has_code(&why, "MOVED") => wrong(
            format!("it is one node of a cluster, and sends on to another: {why}"),
            "REDIS_URL must be a lone server, or an address that speaks for the whole cluster"
                .to_owned(),
        ),
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

#[cfg(test)]
mod tests {
    use super::super::line::State;
    use super::*;

    #[test]
    fn a_version_says_whether_it_is_new_enough() {
        let of = |redis| About { name: "Redis".to_owned(), version: "x".to_owned(), redis };
        for (redis, state) in [
            ((6, 0), State::Wrong),
            ((6, 2), State::Ok),
            ((5, 9), State::Wrong),
            ((8, 0), State::Ok),
        ] {
            assert_eq!(version("place", &of(redis)).state, state, "{redis:?}");
        }
    }
}
