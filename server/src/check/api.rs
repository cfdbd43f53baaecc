//! Centrifugo's server API: its address, its key, its version.

use centrifugo::{Client, Error, Node};

use super::line::Line;
use super::see::See;
use super::setting;
use super::variables::Known;

const API: &str = "centrifugo.api";
const VERSION: &str = "centrifugo.version";
/// The first that hands the kept view to whoever subscribes.
const OLDEST: (u32, u32, u32) = (6, 8, 3);

/// A client, where there is an API to ask.
pub(super) async fn look(known: &Known) -> (Option<Client>, Vec<Line>) {
    let Some(config) = &known.centrifugo else { return (None, Vec::new()) };
    let (place, has_tls) = place(config.api_url());
    let client = match Client::new(config.clone(), Client::BODY_MAX) {
        Ok(client) => client,
        Err(error) => return (None, vec![no_api(&place, has_tls, &error)]),
    };
    match client.nodes().await {
        Ok(nodes) => {
            let mut lines = vec![Line::ok(API, &place, "answers, and takes the key")];
            lines.extend(nodes.iter().map(version));
            (Some(client), lines)
        }
        Err(error) => (None, vec![no_api(&place, has_tls, &error)]),
    }
}

/// The address without user and password, and whether TLS is spoken there.
fn place(url: &str) -> (String, bool) {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (format!("{host}/{path}"), scheme == "https")
}

fn no_api(place: &str, has_tls: bool, error: &Error) -> Line {
    let (says, change) = match error {
        Error::Unreachable(why) if has_tls && why.contains("InvalidContentType") => (
            "no TLS is spoken there".to_owned(),
            "begin CENTRIFUGO_API_URL with http://, or put TLS before Centrifugo".to_owned(),
        ),
        Error::Unreachable(why) => (
            format!("can't be reached: {why}"),
            "check host and port of CENTRIFUGO_API_URL, and that Centrifugo runs".to_owned(),
        ),
        Error::TimedOut => (
            "no answer in time".to_owned(),
            "check host and port of CENTRIFUGO_API_URL, and that nothing between keeps this machine away".to_owned(),
        ),
        Error::KeyRefused => (
            "it refuses the key".to_owned(),
            format!(
                "{}, where … is the value of CENTRIFUGO_API_KEY, or the variable to the key that stands there",
                setting::set(r#""http_api": {"key": "…"}"#)
            ),
        ),
        Error::NoApi(status) => (
            format!("no server API there: HTTP status {status}"),
            format!(
                "CENTRIFUGO_API_URL must end in /api and name the port that has the API: that of `http_server.internal_port` where one is set (or {})",
                setting::set(r#""http_api": {"external": true}"#)
            ),
        ),
        Error::Status(400) if !has_tls => (
            "HTTP status 400, as a port says that speaks TLS".to_owned(),
            "begin CENTRIFUGO_API_URL with https://".to_owned(),
        ),
        Error::Malformed(why) => (
            format!("something else answers there: {why}"),
            "CENTRIFUGO_API_URL must be the address of a Centrifugo 6, and end in /api".to_owned(),
        ),
        other => (
            other.to_string(),
            "check that CENTRIFUGO_API_URL is the address of a Centrifugo 6, and what its log says"
                .to_owned(),
        ),
    };
    Line::wrong(API, place, says).change(change, See::API)
}

fn version(node: &Node) -> Line {
    let Node { name, version } = node;
    match numbers(version) {
        Some(numbers) if numbers >= OLDEST => Line::ok(VERSION, name, version),
        Some((0, 0, 0)) | None => {
            Line::warn(VERSION, name, format!("{version}: a build that does not tell"))
                .change("make sure that it is Centrifugo 6.8.3 or newer", See::VERSION)
        }
        Some(_) => Line::wrong(VERSION, name, format!("{version} is too old"))
            .change("take Centrifugo 6.8.3 or newer", See::VERSION),
    }
}

/// `6.9.6 OSS`: the three numbers.
fn numbers(version: &str) -> Option<(u32, u32, u32)> {
    let numbers = version.trim_start_matches('v').split([' ', '-', '+']).next()?;
    let mut numbers = numbers.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::super::line::State;
    use super::*;

    #[test]
    fn a_version_says_whether_it_is_new_enough() {
        let state =
            |text: &str| version(&Node { name: "node".to_owned(), version: text.to_owned() }).state;
        for (text, expected) in [
            ("6.9.6 OSS", State::Ok),
            ("6.8.3", State::Ok),
            ("v6.10.0-rc.1 PRO", State::Ok),
            ("7.0.0", State::Ok),
            ("6.8.2 OSS", State::Wrong),
            ("5.4.9 OSS", State::Wrong),
            ("0.0.0 OSS", State::Warn),
            ("next", State::Warn),
        ] {
            assert_eq!(state(text), expected, "{text}");
        }
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        let shown = place("https://user:hunter2@rt.example.com/x/api");
        assert_eq!(shown, ("rt.example.com/x/api".to_owned(), true));
        assert_eq!(place("http://[::1]:8000/api"), ("[::1]:8000/api".to_owned(), false));
    }
}
