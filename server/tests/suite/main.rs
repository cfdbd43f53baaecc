//! The program as a process, with a real Centrifugo and a real Redis.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on ends")]

/// Events on their way to a webhook.
mod announcing;
/// What is away when it starts, or goes away.
mod away;
/// Behind nginx.
mod behind_nginx;
/// `rollcall check`, and that it changes nothing.
mod check;
/// Servers that are not there, or are something else.
mod check_servers;
/// One setting of Centrifugo's wrong at a time.
mod check_settings;
/// Addresses, heads and bodies of requests.
mod connections;
/// The widget's files and the demo page.
mod files;
/// Answers while a roll call is under way.
mod haste;
/// Killed between two steps, and started again.
mod kills;
/// What a log may and may not hold.
mod logs;
/// What Prometheus gets.
mod metrics;
/// Roll calls on the clock, by one and by two.
mod moments;
/// The dashboard and the alerts.
mod monitoring;
/// The end that a signal asks for.
mod signals;
/// A Centrifugo, a Redis and the program between them.
mod stage;
/// One roll call, and the exit status.
mod take;
