//! `rollcall check`: looks at everything that a first roll call needs, and says line by line what is right and what to
//! change. It changes nothing that anyone sees.

mod api;
mod connection;
mod insider;
mod json;
mod line;
mod namespaces;
mod plain;
mod presence;
mod redis;
mod rights;
mod see;
mod setting;
mod socket;
mod subscribe;
mod terminal;
mod tokens;
mod variables;
mod views;
mod visitors;
mod webhook;

use std::io::Write as _;
use std::process::ExitCode;

use ::presence::Clock;
use clap::Args;

use line::{Line, State};
use variables::Known;

/// The channel, in whatever namespace, in which things are tried, and the user who tries them.
const TRIAL: &str = "rollcall-check";

/// What is asked for behind `rollcall check`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Tries whether Centrifugo lets pages of this origin connect, e.g. https://www.example.com
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    origin: Option<String>,
    /// Sends one signed message, of type `rollcall.check`, to the webhook
    #[arg(long)]
    send: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// Reads an origin as a browser sends it: no path, no slash at its end.
fn origin(text: &str) -> Result<String, String> {
    let origin = text.trim_end_matches('/');
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let is_host = |host: &str| {
        !host.is_empty() && !host.contains(|char: char| char == '/' || !char.is_ascii_graphic())
    };
    if host.is_some_and(is_host) {
        Ok(origin.to_ascii_lowercase())
    } else {
        Err("must be http:// or https:// and a host, e.g. https://www.example.com".to_owned())
    }
}

/// Looks, and prints what it saw. The exit status says whether anything is wrong.
///
/// # Errors
/// Nobody takes what is printed.
pub(crate) async fn check(
    options: Options,
    variables: &dyn Fn(&str) -> Option<String>,
    clock: Clock,
) -> anyhow::Result<ExitCode> {
    let (known, mut lines) = variables::read(variables);
    let (redis, centrifugo, webhook) = tokio::join!(
        redis::look(&known, &clock),
        look_at_centrifugo(&known, options.origin.as_deref(), &clock),
        webhook::look(&known, options.send, &clock),
    );
    lines.extend(redis.into_iter().chain(centrifugo).chain(webhook));
    let text = if options.json {
        json::text(&lines)?
    } else if let Some(terminal) = terminal::Terminal::at_hand(variables) {
        terminal.text(&lines)
    } else {
        plain::text(&lines)
    };
    std::io::stdout().write_all(text.as_bytes())?;
    let is_wrong = lines.iter().any(|line| line.state == State::Wrong);
    Ok(if is_wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn look_at_centrifugo(known: &Known, origin: Option<&str>, clock: &Clock) -> Vec<Line> {
    let (api, mut lines) = api::look(known).await;
    let (watched, more) = namespaces::watched(known, api.as_ref()).await;
    lines.extend(more);
    lines.extend(presence::look(api.as_ref(), &watched).await);
    let mut outputs = namespaces::outputs(known, &watched);
    lines.extend(views::publish(api.as_ref(), &mut outputs).await);
    let (visitors, more) = visitors::connect(known, origin, clock).await;
    lines.extend(more);
    if let Some(mut visitors) = visitors {
        lines.extend(rights::look(known, &mut visitors, &watched, &outputs).await);
        visitors.leave().await;
    }
    views::remove(api.as_ref(), &outputs).await;
    line::in_order(lines)
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        assert_eq!(origin("https://WWW.example.com/").as_deref(), Ok("https://www.example.com"));
        assert_eq!(origin("http://127.0.0.1:8090").as_deref(), Ok("http://127.0.0.1:8090"));
        for wrong in ["www.example.com", "https://", "https://example.com/page", "https://a b"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
