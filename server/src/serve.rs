//! `rollcall serve`: the roll calls on the clock, and all that is served, until a signal ends it.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use http_api::Reader;
use presence::Clock;
use store::{Patience, Store};
use token::Verifier;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::collector::collector;
use crate::config::Serve;
use crate::files::Files;
use crate::listen::Listen;
use crate::metrics::{self, Metrics};
use crate::output::{WRONG_SETTING, complain};
use crate::stop::Signals;
use crate::{connections, roll_calls, site};

/// What a panic leaves to be said: without roll calls there is nothing to serve, and whoever runs us starts us again.
const FAULT: &str = "the roll calls ended by a fault: see the panic before this line";

/// Serves until a signal ends it: then no new roll call and no new connection are begun, and what is under way has some
/// seconds. A second signal ends it at once.
///
/// # Errors
/// It can't begin, or the roll calls ended by a fault.
pub(crate) async fn serve(config: Serve, clock: Clock) -> anyhow::Result<ExitCode> {
    let wrong = || Ok(ExitCode::from(WRONG_SETTING));
    let Some(listener) = bind("LISTEN", &config.site.listen).await else { return wrong() };
    let metrics_listener = match &config.site.metrics_listen {
        None => None,
        Some(listen) => match bind("METRICS_LISTEN", listen).await {
            Some(listener) => Some(listener),
            None => return wrong(),
        },
    };
    let (address, metrics_address) =
        (listener.local_addr()?, metrics_listener.as_ref().map(TcpListener::local_addr));
    let mut signals = Signals::new()?;
    let (stop, stopped) = watch::channel(false);
    let metrics = Arc::new(Metrics::new());
    let files = Files::new(config.site.has_demo, config.http.scope.watch.channels().next());
    let reader = Arc::new(reader(&config, &clock)?);
    let site = site::site(Arc::clone(&reader), files, Arc::clone(&metrics));
    let period = config.http.scope.period;
    let collector = collector(config.roll_calls, Arc::clone(&clock))?;
    // Before any line of the log. Whoever does not read it is served all the same.
    let _ = writeln!(std::io::stdout(), "rollcall serves http://{address}/");
    if let Some(address) = metrics_address.transpose()? {
        tracing::info!("Metrics at http://{address}/metrics");
    }
    let mut roll_calls =
        roll_calls::start(collector, period, clock, stopped.clone(), Arc::clone(&metrics))?;
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(connections::serve(listener, site, connections::places(), stopped.clone()));
    if let Some(listener) = metrics_listener {
        let router = metrics::router(metrics);
        let places = connections::places_for_metrics();
        tasks.spawn(connections::serve(listener, router, places, stopped));
    }
    tokio::spawn(async move { reader.learn_keys().await });

    tokio::select! {
        () = signals.next() => tracing::info!("Ends: a signal asked for it"),
        ended = &mut roll_calls => {
            ended.context(FAULT)?;
            bail!(FAULT);
        }
    }
    let _ = stop.send(true);
    let all = async {
        let roll_calls = roll_calls.await;
        while tasks.join_next().await.is_some() {}
        roll_calls
    };
    tokio::select! {
        ended = all => ended.context(FAULT)?,
        () = signals.next() => return Ok(ExitCode::FAILURE),
    }
    Ok(ExitCode::SUCCESS)
}

fn reader(config: &Serve, clock: &Clock) -> anyhow::Result<Reader> {
    let store = Store::new(&config.roll_calls.store, Patience::OF_A_VISITOR, Arc::clone(clock))?;
    let tokens = config.http.tokens.clone().map(Verifier::new).transpose()?;
    Ok(Reader::new(config.http.scope.clone(), store, tokens, Arc::clone(clock)))
}

/// Begins to listen at the address that `variable` has, or says why not.
async fn bind(variable: &str, listen: &Listen) -> Option<TcpListener> {
    let bound = listen.bind().await;
    bound.map_err(|error| complain(&format!("{variable} {listen} can't be bound: {error}"))).ok()
}
