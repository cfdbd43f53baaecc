//! Connections: how many, how long a head may take and be, and their end.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::stop;

/// A connection whose next head is not there by then is closed.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// Longest head; what is longer gets 431.
const HEAD_BYTES: usize = 16 * 1024;
/// How long an answer under way may take once the program is to end.
const LAST: Duration = Duration::from_secs(5);
/// Pause where the system gives no connection: trying at once would only keep it busy.
const PAUSE: Duration = Duration::from_millis(100);

/// Files that are left for all else: the log, listeners, Redis, Centrifugo, Prometheus, whatever libraries need. Without them
/// a flood of connections would end the roll calls.
const RESERVE: u64 = 64;
/// So many of them are for Prometheus, which a flood must not shut out: that is when its numbers are wanted.
const FOR_METRICS: usize = 8;
/// More connections than this are never open, however many files one may open.
const PLACES_MAX: u64 = 65_536;

/// So many connections may be open at once. Asks the system for as many files as it gives to anybody.
pub(crate) fn places() -> Arc<Semaphore> {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let places = files.saturating_sub(RESERVE).clamp(1, PLACES_MAX);
    Arc::new(Semaphore::new(usize::try_from(places).unwrap_or(1)))
}

/// So many connections of Prometheus may be open at once.
pub(crate) fn places_for_metrics() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(FOR_METRICS))
}

/// Takes connections until `stopped` says otherwise, and ends when the last of them has its answer.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    places: Arc<Semaphore>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = stop::told(&mut stopped) => break,
        };
        match accepted {
            Ok((stream, place)) => {
                connections.spawn(answer(stream, place, router.clone(), stopped.clone()));
            }
            Err(error) if is_over(&error) => {}
            Err(error) => {
                tracing::error!("No connection can be taken: {error}");
                sleep(PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// Whether it was the other side that ended what had hardly begun.
fn is_over(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers the requests of a connection. What goes wrong with it ends it, and is nobody's business.
async fn answer(
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop::told(&mut stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(LAST, connection).await;
}
