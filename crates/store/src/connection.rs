//! One connection whose every wait ends.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use presence::Clock;
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Pipeline, RedisError, Value};

use crate::config::Config;
use crate::iam::Passwords;

/// How long ledger, history and the list of channels outlive their last roll call.
pub(crate) const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long a caller is willing to wait.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For each answer.
    pub answer: Duration,
    /// For a whole request, a connection made anew and a repetition included.
    pub total: Duration,
    /// So many waits in a row may end for nothing before Redis is not asked any more, until
    /// [`Store::take_heart`]; `None`: it is asked always.
    pub waits: Option<u32>,
}

impl Patience {
    /// For a request: a visitor waits, and a Redis that hangs costs them at most 600 ms.
    pub const OF_A_VISITOR: Self = Self {
        connect: Duration::from_millis(500),
        answer: Duration::from_millis(500),
        total: Duration::from_millis(550),
        waits: None,
    };

    /// For a roll call: nobody waits for it, but it must end, so a Redis that hangs costs seconds.
    pub const OF_A_ROLL_CALL: Self = Self {
        connect: Duration::from_millis(1500),
        answer: Duration::from_secs(5),
        total: Duration::from_secs(8),
        waits: Some(3),
    };
}

/// Why Redis could not be asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection, or it broke.
    #[error("can't reach Redis: {0}; check REDIS_URL and that Redis runs")]
    Unreachable(String),
    /// No answer in time.
    #[error("Redis did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// It was waited for in vain too often, and is not asked for the time being.
    #[error("Redis did not answer {0} times in a row: not asked again in this roll call")]
    GivenUp(u32),
    /// Redis answered with an error: out of memory, no permission, a key of another type.
    #[error("Redis refuses: {0}")]
    Refused(String),
    /// What lies in Redis is not what Rollcall writes there: cut, or of another type.
    #[error(
        "what is kept is damaged; delete the channel's keys, or see whether the next roll call replaces it"
    )]
    Damaged,
}

/// The kept state. Connects at the first request, and anew after a failure.
pub struct Store {
    client: Client,
    pub(crate) prefix: String,
    patience: Patience,
    passwords: Option<Passwords>,
    connection: Mutex<Option<Connection>>,
    /// Connections made so far.
    connections: AtomicU64,
    /// Waits in a row that ended for nothing.
    waited: AtomicU32,
}

/// A connection, and which one: two requests may find it broken at once, and the second must not throw away the new one.
#[derive(Clone)]
struct Connection {
    manager: ConnectionManager,
    number: u64,
}

impl Store {
    /// A store at the configured place. Nothing is asked yet. An IAM token is made by the clock.
    /// For `rediss://` a provider for rustls must have been installed.
    ///
    /// # Errors
    /// Where the address makes no sense to the client.
    pub fn new(config: &Config, patience: Patience, clock: Clock) -> Result<Self, Error> {
        let client =
            Client::open(config.url.clone()).map_err(|error| Error::of(error, patience))?;
        Ok(Self {
            client,
            prefix: config.prefix.clone(),
            patience,
            passwords: config.iam.clone().map(|iam| Passwords::new(iam, clock)),
            connection: Mutex::new(None),
            connections: AtomicU64::new(0),
            waited: AtomicU32::new(0),
        })
    }

    /// Asks Redis for a sign of life; also makes the first connection.
    ///
    /// # Errors
    /// Where none comes.
    pub async fn ping(&self) -> Result<(), Error> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("PING");
        self.run(&pipeline).await.map(|_| ())
    }

    /// The key of a channel.
    pub(crate) fn key(&self, channel: &str, name: &str) -> String {
        [&self.prefix, ":{", channel, "}:", name].concat()
    }

    /// Asks Redis again where it was given up: a new roll call begins.
    pub fn take_heart(&self) {
        self.waited.store(0, Ordering::Relaxed);
    }

    /// Sends commands in one go and gives an answer to each; an error that Redis has against one command is a
    /// [`Value::ServerError`] in its place. What failed for want of a connection is sent once more on a new one.
    pub(crate) async fn run(&self, pipeline: &Pipeline) -> Result<Vec<Value>, Error> {
        if let Some(waits) = self.patience.waits
            && self.waited.load(Ordering::Relaxed) >= waits
        {
            return Err(Error::GivenUp(waits));
        }
        let answer = self.attempts(pipeline).await;
        match answer {
            Err(Error::TimedOut(_)) => self.waited.fetch_add(1, Ordering::Relaxed),
            _ => self.waited.swap(0, Ordering::Relaxed),
        };
        answer
    }

    async fn attempts(&self, pipeline: &Pipeline) -> Result<Vec<Value>, Error> {
        let attempts = async {
            match self.attempt(pipeline).await {
                // A connection that Redis closed while the sandbox was frozen shows only now; a new one works.
                Err(error)
                    if error.is_connection_dropped()
                        || (error.is_io_error() && !error.is_timeout()) =>
                {
                    self.attempt(pipeline).await
                }
                answer => answer,
            }
        };
        match tokio::time::timeout(self.patience.total, attempts).await {
            Ok(answer) => answer.map_err(|error| Error::of(error, self.patience)),
            Err(_) => Err(Error::TimedOut(self.patience.total)),
        }
    }

    /// The same for commands whose answers say nothing but that they were carried out: all of them must have been.
    pub(crate) async fn run_all(&self, pipeline: &Pipeline) -> Result<(), Error> {
        all_done(self.run(pipeline).await?)
    }

    async fn attempt(&self, pipeline: &Pipeline) -> Result<Vec<Value>, RedisError> {
        let mut connection = self.connection()?;
        // Also where whoever waits gives up and this future is dropped: the answer that comes after all is not theirs.
        let forget = Forget { store: self, number: connection.number };
        let commands = pipeline.cmd_iter().count();
        let answer = connection.manager.req_packed_commands(pipeline, 0, commands).await?;
        std::mem::forget(forget);
        Ok(answer)
    }

    fn connection(&self) -> Result<Connection, RedisError> {
        let mut kept = self.lock();
        if let Some(connection) = &*kept {
            return Ok(connection.clone());
        }
        let mut config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(self.patience.connect))
            .set_response_timeout(Some(self.patience.answer));
        if let Some(passwords) = &self.passwords {
            config = config.set_credentials_provider(passwords.clone());
        }
        let manager = ConnectionManager::new_lazy_with_config(self.client.clone(), config)?;
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        Ok(kept.insert(Connection { manager, number }).clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where answers say nothing but that commands were carried out: whether all of them were.
pub(crate) fn all_done(answers: Vec<Value>) -> Result<(), Error> {
    answers.into_iter().try_for_each(|answer| match answer {
        Value::ServerError(error) => Err(Error::refused(error)),
        _ => Ok(()),
    })
}

/// Forgets a connection when dropped. The manager keeps one that has timed out, and a flow that died silently times out
/// for ever; nor does it try again where a password was refused. What Redis has against one command is no error here.
struct Forget<'s> {
    store: &'s Store,
    number: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.store.lock().take_if(|connection| connection.number == self.number);
    }
}

impl Error {
    fn of(error: RedisError, patience: Patience) -> Self {
        if error.is_timeout() {
            return Self::TimedOut(patience.answer);
        }
        if error.is_io_error() || error.is_connection_dropped() {
            return Self::Unreachable(error.to_string());
        }
        Self::Refused(error.to_string())
    }

    /// The error that Redis has against one command.
    pub(crate) fn refused(error: redis::ServerError) -> Self {
        Self::Refused(RedisError::from(error).to_string())
    }

    /// The same, where a key that holds something else shows only by the refusal.
    pub(crate) fn of_channel(error: redis::ServerError) -> Self {
        if error.code() == "WRONGTYPE" { Self::Damaged } else { Self::refused(error) }
    }

    pub(crate) fn unexpected() -> Self {
        Self::Refused("the answer has an unexpected type".to_owned())
    }
}
