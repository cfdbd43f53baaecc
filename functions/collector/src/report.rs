//! What an invocation returns, and when it is an error.

use std::time::Duration;

use lambda_runtime::Diagnostic;
use presence::Millis;
use serde::Serialize;

/// The answer of an invocation.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// One for each roll call inside the invocation.
    pub roll_calls: Vec<RollCallReport>,
}

/// What became of one roll call.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RollCallReport {
    /// When Centrifugo was asked.
    pub taken_at: Millis,
    /// Channels asked for.
    pub watched: usize,
    /// Channels whose views are kept now.
    pub committed: usize,
    /// Channels of which a newer roll call was kept already.
    pub superseded: usize,
    /// What went wrong, channel by channel.
    pub failed: Vec<Failed>,
    /// Users who joined the committed channels.
    pub joined: usize,
    /// Users who left them.
    pub left: usize,
    /// Views that Centrifugo took.
    pub published: usize,
    /// Events that EventBridge took.
    pub announced: usize,
    /// Present in all committed channels together.
    #[serde(skip)]
    pub present: u64,
    /// Clients in all committed channels together.
    #[serde(skip)]
    pub clients: u64,
    /// Age of the oldest view just before it was replaced; `None` where all are the first.
    #[serde(skip)]
    pub oldest: Option<Millis>,
    /// Where the time went.
    #[serde(skip)]
    pub spent: Spent,
}

/// Time spent at each step of a roll call, all batches together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// Listing channels and asking for their clients.
    pub ask: Duration,
    /// Reading ledgers, comparing and committing.
    pub commit: Duration,
    /// Publishing views.
    pub publish: Duration,
    /// Announcing events.
    pub announce: Duration,
}

/// Where a roll call stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    #[default]
    Ask,
    Commit,
    Publish,
    Announce,
}

/// What went wrong with one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The channel; the glob whose channels could not be listed; `*` where it is about all of them.
    pub channel: String,
    /// One line for the operator.
    pub error: String,
}

/// A failure with its cause, which decides what kind of error an invocation is that committed nothing.
#[derive(Debug)]
pub(crate) struct Failure {
    channel: String,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Centrifugo(centrifugo::Error),
    Store(store::Error),
    EventBus(String),
    Late(Stage),
}

impl Failure {
    pub(crate) fn ask(channel: &str, error: centrifugo::Error) -> Self {
        Self { channel: channel.to_owned(), cause: Cause::Centrifugo(error) }
    }

    pub(crate) fn commit(channel: &str, error: store::Error) -> Self {
        Self { channel: channel.to_owned(), cause: Cause::Store(error) }
    }

    pub(crate) fn announce(channel: &str, error: String) -> Self {
        Self { channel: channel.to_owned(), cause: Cause::EventBus(error) }
    }

    /// The roll call had to end at that stage.
    pub(crate) fn late(channel: &str, stage: Stage) -> Self {
        Self { channel: channel.to_owned(), cause: Cause::Late(stage) }
    }

    fn message(&self) -> String {
        match &self.cause {
            Cause::Centrifugo(error) => error.to_string(),
            Cause::Store(error) => error.to_string(),
            Cause::EventBus(error) => error.clone(),
            Cause::Late(stage) => {
                let slow = match stage {
                    Stage::Ask | Stage::Publish => "Centrifugo",
                    Stage::Commit => "Redis",
                    Stage::Announce => "EventBridge",
                };
                format!(
                    "the roll call had to end before this channel's turn: {slow} is slow, or more is watched than fits into the function's timeout"
                )
            }
        }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self { error: failure.message(), channel: failure.channel }
    }
}

/// Why nothing could be committed. The names are stable: alarms match them as the invocation's `error_type`.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NothingCommitted {
    /// Centrifugo can't be reached, or does not answer as it should.
    #[error("{0}")]
    CentrifugoUnavailable(String),
    /// Centrifugo works and refuses: key, namespace or presence option.
    #[error("{0}")]
    CentrifugoRefused(String),
    /// Redis can't be reached or refuses.
    #[error("{0}")]
    StoreUnavailable(String),
}

impl NothingCommitted {
    /// The error of failures that left nothing committed; `None` without failures. A store that failed counts most,
    /// since Centrifugo had answered then; a refusal counts more than a silence.
    pub(crate) fn because_of(failures: &[Failure]) -> Option<Self> {
        let by_weight = |failure: &&Failure| match &failure.cause {
            Cause::Store(_) | Cause::Late(Stage::Commit) => 2,
            Cause::Centrifugo(error) => u8::from(error.is_refusal()),
            Cause::EventBus(_) | Cause::Late(_) => 0,
        };
        let failure = failures.iter().max_by_key(by_weight)?;
        let message = failure.message();
        Some(match &failure.cause {
            Cause::Store(_) | Cause::Late(Stage::Commit) => Self::StoreUnavailable(message),
            Cause::Centrifugo(error) if error.is_refusal() => Self::CentrifugoRefused(message),
            Cause::Centrifugo(_) | Cause::EventBus(_) | Cause::Late(_) => {
                Self::CentrifugoUnavailable(message)
            }
        })
    }

    /// The stable name.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::CentrifugoUnavailable(_) => "CentrifugoUnavailable",
            Self::CentrifugoRefused(_) => "CentrifugoRefused",
            Self::StoreUnavailable(_) => "StoreUnavailable",
        }
    }
}

impl From<NothingCommitted> for Diagnostic {
    fn from(error: NothingCommitted) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: error.to_string() }
    }
}
