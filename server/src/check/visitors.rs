//! Two visitors at the socket: a guest, and, where the secret of tokens is known, a user.

use std::sync::Arc;

use ::presence::Clock;

use super::TRIAL;
use super::line::Line;
use super::see::See;
use super::setting;
use super::socket::{self, Gone, NotOpen, Reply, Socket};
use super::tokens;
use super::variables::Known;

const SOCKET: &str = "centrifugo.socket";
const ORIGIN: &str = "centrifugo.origin";
const GUESTS: &str = "centrifugo.guests";

/// Who was let in.
pub(super) struct Visitors {
    /// Who may do the most: the user, since a user may all that a guest may, or the guest where there is no user.
    pub(super) insider: Socket,
    /// Whether that is the user.
    pub(super) is_user: bool,
    /// The guest beside the user.
    pub(super) guest: Option<Socket>,
    tokens: Option<token::Config>,
    clock: Clock,
}

impl Visitors {
    /// Whether there should be a user: the secret or the keys of tokens are set.
    pub(super) fn expect_a_user(&self) -> bool {
        self.tokens.is_some()
    }

    /// A token by which the user enters a channel, whoever else may.
    pub(super) fn ticket(&self, channel: &str) -> Option<String> {
        let tokens = self.tokens.as_ref().filter(|_| self.is_user)?;
        tokens.sign_trial(TRIAL, Some(channel), (self.clock)())
    }

    /// Both leave.
    pub(super) async fn leave(self) {
        self.insider.close().await;
        if let Some(guest) = self.guest {
            guest.close().await;
        }
    }
}

/// Connects both; `None` where nobody gets in.
pub(super) async fn connect(
    known: &Known,
    origin: Option<&str>,
    clock: &Clock,
) -> (Option<Visitors>, Vec<Line>) {
    let mut lines: Vec<Line> = tokens::look(known, clock).await.into_iter().collect();
    let url = known.scope.as_ref().and_then(|scope| scope.client_url());
    let Some(url) = url else {
        if known.scope.is_some() {
            let says = "not set: no page is told of a socket, and what visitors may was not tried";
            lines.push(Line::skipped(SOCKET, "CENTRIFUGO_CLIENT_URL", says));
        }
        lines.extend(tokens::not_tried(known));
        return (None, lines);
    };
    let place = url.split_once("://").map_or("", |(_, place)| place);
    let mut guest = match Socket::open(url, None).await {
        Ok(guest) => guest,
        Err(error) => {
            lines.push(not_open(place, &error));
            lines.extend(tokens::not_tried(known));
            return (None, lines);
        }
    };
    lines.push(Line::ok(SOCKET, place, "can be reached from here"));
    lines.push(page(url, origin).await);
    let answer = guest.connect(None).await;
    let guest = matches!(answer, Ok(Reply::Done(_))).then_some(guest);
    lines.push(guests(place, &answer));
    let user = user(known, url, clock).await.and_then(|(socket, answer)| {
        lines.push(tokens::verdict(&answer));
        matches!(answer, Ok(Reply::Done(_))).then_some(socket)
    });
    let is_user = user.is_some();
    let (insider, guest) = if is_user { (user, guest) } else { (guest, None) };
    let (tokens, clock) = (known.tokens.clone(), Arc::clone(clock));
    (insider.map(|insider| Visitors { insider, is_user, guest, tokens, clock }), lines)
}

/// A connection with a token, and what came of it; `None` where no token can be signed.
async fn user(known: &Known, url: &str, clock: &Clock) -> Option<(Socket, Result<Reply, Gone>)> {
    let token = known.tokens.as_ref()?.sign_trial(TRIAL, None, clock())?;
    let mut socket = Socket::open(url, None).await.ok()?;
    let answer = socket.connect(Some(&token)).await;
    Some((socket, answer))
}

fn not_open(place: &str, error: &NotOpen) -> Line {
    let wrong = |says: &str| {
        let change = "CENTRIFUGO_CLIENT_URL must be the address of Centrifugo's WebSocket, wss://…/connection/websocket, with TLS (wss://) where a proxy before it has that";
        Line::wrong(SOCKET, place, says).change(change, See::CONFIGURATION)
    };
    match error {
        NotOpen::Unreached(unreached) => {
            let says = format!("can't be reached from here: {}", unreached.says());
            let change = "check CENTRIFUGO_CLIENT_URL, unless browsers reach it from elsewhere";
            Line::warn(SOCKET, place, says).change(change, See::CONFIGURATION)
        }
        NotOpen::Status(status) => wrong(&format!("no WebSocket there: HTTP status {status}")),
        NotOpen::Strange(why) => wrong(&format!("no WebSocket there: {why}")),
    }
}

/// Whether a page of that origin may connect.
async fn page(url: &str, origin: Option<&str>) -> Line {
    let Some(origin) = origin else {
        let says = "not tried; --origin https://www.example.com tries the origin of your pages";
        return Line::skipped(ORIGIN, "pages", says);
    };
    match Socket::open(url, Some(origin)).await {
        Ok(socket) => {
            socket.close().await;
            if origin.starts_with("https://") && url.starts_with("ws://") && !is_local(url) {
                let says = "a page of https opens no socket without TLS";
                let change = "begin CENTRIFUGO_CLIENT_URL with wss://, with TLS before Centrifugo";
                return Line::wrong(ORIGIN, origin, says).change(change, See::CONFIGURATION);
            }
            Line::ok(ORIGIN, origin, "its pages may connect")
        }
        Err(NotOpen::Status(403)) => {
            let json = format!(r#""client": {{"allowed_origins": ["{origin}"]}}"#);
            let change = format!("{}, beside the other origins there", setting::set(&json));
            let says = "its pages may not connect: HTTP status 403";
            Line::wrong(ORIGIN, origin, says).change(change, See::API)
        }
        Err(error) => not_open(origin, &error),
    }
}

/// Browsers let a page of https speak to their own machine without TLS.
fn is_local(url: &str) -> bool {
    let host = socket::address(url).map(|address| address.host);
    host.is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
}

fn guests(place: &str, answer: &Result<Reply, Gone>) -> Line {
    match answer {
        Ok(Reply::Done(_)) => Line::ok(GUESTS, place, "visitors without a token may connect"),
        Err(Gone::Closed(3501, _)) => {
            let set = setting::set(r#""client": {"allow_anonymous_connect_without_token": true}"#);
            let says = "visitors without a token may not connect: they are not counted, and see no live numbers";
            Line::warn(GUESTS, place, says)
                .change(format!("{set}, unless signed-in visitors alone count"), See::GUESTS)
        }
        Ok(Reply::Refused(code)) => strange(place, &format!("refused with error {code}")),
        Err(gone) => strange(place, &gone.to_string()),
    }
}

fn strange(place: &str, says: &str) -> Line {
    let says = format!("a visitor without a token: {says}");
    Line::warn(GUESTS, place, says).change("see what Centrifugo's log says", See::GUESTS)
}
