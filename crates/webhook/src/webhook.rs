//! Sends events.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use presence::{Clock, Event, Period};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use roll_call::{Announcer, Verdicts};

use crate::config::Config;
use crate::message::{body, id, trial};

/// From looking the name up to the head of the answer.
const WITHIN: Duration = Duration::from_secs(5);
/// For all events of a roll call.
const AT_MOST: Duration = Duration::from_secs(10);
/// Bytes of an answer's head.
const HEAD_MAX: usize = 16 * 1024;

/// A webhook to announce to.
pub struct Webhook {
    http: reqwest::Client,
    config: Config,
    signer: standardwebhooks::Webhook,
    clock: Clock,
    at_most: Duration,
}

impl Webhook {
    /// The webhook of a host with that clock, with a roll call each `period`: half of one is what all events of it may take, and never more than ten seconds. A provider for rustls must have been installed.
    ///
    /// # Errors
    /// Where TLS can't be set up; in one line.
    pub fn new(config: Config, period: Period, clock: Clock) -> Result<Self, String> {
        let http = certificates::client()
            // What is signed for one address is for no other.
            .redirect(Policy::none())
            .pool_idle_timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| format!("a webhook can't be had: {}", innermost(&error)))?;
        let signer = standardwebhooks::Webhook::new(&config.secret)
            .map_err(|_| "EVENT_WEBHOOK_SECRET can't be read".to_owned())?;
        Ok(Self {
            http,
            config,
            signer,
            clock,
            at_most: AT_MOST.min(Duration::from_millis(period.millis() / 2)),
        })
    }

    /// Sends one signed message of type `rollcall.check`, which is no event.
    ///
    /// # Errors
    /// Nobody takes it, and why, in one line.
    pub async fn send_trial(&self) -> Result<(), String> {
        let (id, body) = trial((self.clock)());
        self.send(id, body).await?
    }

    /// Sends one message. An error says that nobody takes any.
    async fn send(&self, id: String, body: String) -> Result<Result<(), String>, String> {
        let host = self.config.host();
        let now = (self.clock)() / 1000;
        let signature = self.signer.sign(&id, now.cast_signed(), body.as_bytes());
        let Ok(signature) = signature else {
            return Ok(Err("an event can't be signed".to_owned()));
        };
        let request = self
            .http
            .post(self.config.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(standardwebhooks::HEADER_WEBHOOK_ID, id)
            .header(standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, now)
            .header(standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signature)
            .body(body);
        let refused = |why: &str| Ok(Err(format!("{host} refuses an event: {why}")));
        match tokio::time::timeout(WITHIN, request.send()).await {
            Ok(Ok(answer)) => match verdict(&answer) {
                Ok(()) => Ok(Ok(())),
                Err(why) => refused(&why),
            },
            // Nobody is there for any event.
            Ok(Err(error)) if error.is_connect() => {
                let why = innermost(&error.without_url());
                Err(format!("{host} takes nothing: {why}; check EVENT_WEBHOOK_URL"))
            }
            Ok(Err(error)) => refused(&innermost(&error.without_url())),
            Err(_) => refused(&format!("no answer within {} s", WITHIN.as_secs())),
        }
    }
}

impl Announcer for Webhook {
    fn call_length(&self, _: &[&Event]) -> usize {
        1
    }

    fn announce<'a>(&'a self, events: &'a [&'a Event]) -> BoxFuture<'a, Result<Verdicts, String>> {
        async move {
            let mut verdicts = Verdicts::with_capacity(events.len());
            for event in events {
                verdicts.push(self.send(id(event), body(event)).await?);
            }
            Ok(verdicts)
        }
        .boxed()
    }

    fn at_most(&self) -> Option<Duration> {
        Some(self.at_most)
    }
}

/// Whether an event is taken, by the head of the answer; its body is not read.
fn verdict(answer: &Response) -> Result<(), String> {
    let head: usize =
        answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    match answer.status() {
        _ if head > HEAD_MAX => Err("the head of its answer is too long".to_owned()),
        status if status.is_success() => Ok(()),
        status if status.is_redirection() => {
            Err(format!("status {}, and a redirect is not followed", status.as_u16()))
        }
        StatusCode::UNAUTHORIZED => {
            Err("status 401: it does not take the signature, or the password".to_owned())
        }
        status => Err(format!("status {}", status.as_u16())),
    }
}

/// The cause behind all causes: what an operator understands. The layers above it may name the address, which may be a secret.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
