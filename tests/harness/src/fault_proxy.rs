//! A TCP proxy that harms a connection at a chosen moment: when certain bytes go to the server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::ports::HOST;

/// How long a server may take to close a connection that its client has left: one that is frozen takes its time.
const AFTER_CLIENT: Duration = Duration::from_secs(10);

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives, and the connection is closed.
    Cut,
    /// The same, by a reset.
    Reset,
    /// It arrives; the connection is closed before its answer comes back.
    LoseAnswer,
    /// It never arrives, and the connection stays open and silent.
    Hang,
    /// It arrives that much later.
    Slow(Duration),
}

/// A proxy before a server of 127.0.0.1; ends when dropped.
#[derive(Debug)]
pub struct FaultProxy {
    port: u16,
    plan: Arc<Plan>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Plan {
    next: Mutex<Option<Strike>>,
    struck: Notify,
    strikes: AtomicUsize,
    passing: AtomicUsize,
}

/// A connection that passes bytes on, until this is dropped.
struct Passing<'p>(&'p AtomicUsize);

impl<'p> Passing<'p> {
    fn begin(passing: &'p AtomicUsize) -> Self {
        passing.fetch_add(1, Ordering::Relaxed);
        Self(passing)
    }
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Strike {
    mark: Vec<u8>,
    fault: Fault,
    /// Each time, and not once.
    lasts: bool,
}

impl FaultProxy {
    /// Passes everything on to the server on that port.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start(server_port: u16) -> Result<Self> {
        let listener = TcpListener::bind((HOST, 0)).await.context("no free port")?;
        let port = listener.local_addr()?.port();
        let plan = Arc::new(Plan::default());
        let shared = Arc::clone(&plan);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass(client, server_port, Arc::clone(&shared)));
            }
        });
        Ok(Self { port, plan, _tasks: tasks })
    }

    /// The port to connect to instead of the server's.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Strikes once, when the next bytes that hold `mark` go to the server. Another plan replaces one that has not
    /// struck yet.
    pub fn strike_at(&self, mark: &str, fault: Fault) {
        *self.plan.lock() = Some(Strike { mark: mark.into(), fault, lasts: false });
    }

    /// Strikes whenever bytes that hold `mark` go to the server, until there is another plan or [`FaultProxy::rest`].
    pub fn strike_whenever(&self, mark: &str, fault: Fault) {
        *self.plan.lock() = Some(Strike { mark: mark.into(), fault, lasts: true });
    }

    /// Passes everything on from now on.
    pub fn rest(&self) {
        *self.plan.lock() = None;
    }

    /// How often it has struck so far.
    pub fn strikes(&self) -> usize {
        self.plan.strikes.load(Ordering::Relaxed)
    }

    /// How many connections pass bytes on. Where there is none, the server has seen all that any client has sent, also one
    /// that was killed, and has closed the connection.
    pub fn passing(&self) -> usize {
        self.plan.passing.load(Ordering::Relaxed)
    }

    /// Waits until the fault has struck, for at most 20 seconds.
    ///
    /// # Errors
    /// It has not.
    pub async fn struck(&self) -> Result<()> {
        let bound = Duration::from_secs(20);
        tokio::time::timeout(bound, self.plan.struck.notified())
            .await
            .context("the fault did not strike")
    }
}

impl Plan {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Strike>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault, if these bytes call for it. What was looked at `before` stands at their beginning, since a mark may be
    /// cut by the end of one read.
    fn fault_at(&self, bytes: &[u8], before: usize) -> Option<Fault> {
        let mut plan = self.lock();
        let Strike { mark, fault, lasts } = plan.as_ref()?;
        let news = &bytes[(before + 1).saturating_sub(mark.len())..];
        if !news.windows(mark.len()).any(|window| window == mark) {
            return None;
        }
        let (fault, lasts) = (*fault, *lasts);
        if !lasts {
            *plan = None;
        }
        self.strikes.fetch_add(1, Ordering::Relaxed);
        self.struck.notify_one();
        Some(fault)
    }
}

/// Reads until the server closes, too.
async fn drain(from_server: &mut OwnedReadHalf) {
    let mut buffer = [0; 4096];
    while from_server.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}

/// One connection, from its first byte to its end; what goes wrong with it ends it.
async fn pass(client: TcpStream, server_port: u16, plan: Arc<Plan>) {
    let address = SocketAddr::from(([127, 0, 0, 1], server_port));
    let Ok(server) = TcpStream::connect(address).await else { return };
    // Else it would slow down what is sent in two pieces, which nobody has asked for.
    for stream in [&client, &server] {
        let _ = stream.set_nodelay(true);
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let downward = async {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    };
    let upward = async {
        let mut buffer = vec![0; 64 * 1024];
        let mut before: Vec<u8> = Vec::new();
        loop {
            let length = from_client.read(&mut buffer).await.unwrap_or(0);
            if length == 0 {
                return None;
            }
            let bytes = &buffer[..length];
            let seen = [&before, bytes].concat();
            match plan.fault_at(&seen, before.len()) {
                Some(Fault::LoseAnswer) => {
                    let _ = to_server.write_all(bytes).await;
                    return Some(Fault::LoseAnswer);
                }
                Some(Fault::Slow(delay)) => tokio::time::sleep(delay).await,
                Some(fault) => return Some(fault),
                None => {}
            }
            if to_server.write_all(bytes).await.is_err() {
                return None;
            }
            before = seen[seen.len().saturating_sub(64)..].to_vec();
        }
    };
    let passing = Passing::begin(&plan.passing);
    let fault = tokio::select! {
        fault = upward => fault,
        () = downward => None,
    };
    match fault {
        None => {
            let _ = to_server.shutdown().await;
            let _ = tokio::time::timeout(AFTER_CLIENT, drain(&mut from_server)).await;
        }
        Some(Fault::Hang) => {
            drop(passing);
            std::future::pending().await
        }
        Some(Fault::Reset) => {
            let _ = to_client.as_ref().set_zero_linger();
        }
        // The server has the request by then and works on it; what it answers finds nobody.
        Some(Fault::LoseAnswer) => {
            let _ = from_server.readable().await;
        }
        _ => {}
    }
}
