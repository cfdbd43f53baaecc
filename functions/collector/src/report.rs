//! What an invocation returns, and when it is an error.

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
    /// Views that Centrifugo took.
    pub published: usize,
}

/// What went wrong with one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The channel, or the glob whose channels could not be listed.
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
}

impl Failure {
    pub(crate) fn ask(channel: &str, error: centrifugo::Error) -> Self {
        Self { channel: channel.to_owned(), cause: Cause::Centrifugo(error) }
    }

    pub(crate) fn commit(channel: &str, error: store::Error) -> Self {
        Self { channel: channel.to_owned(), cause: Cause::Store(error) }
    }

    fn message(&self) -> String {
        match &self.cause {
            Cause::Centrifugo(error) => error.to_string(),
            Cause::Store(error) => error.to_string(),
        }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self { error: failure.message(), channel: failure.channel }
    }
}

/// Why nothing could be committed. The names are stable: alarms match them as the invocation's `error_type`.
#[derive(Debug, thiserror::Error)]
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
            Cause::Store(_) => 2,
            Cause::Centrifugo(error) => u8::from(error.is_refusal()),
        };
        let failure = failures.iter().max_by_key(by_weight)?;
        let message = failure.message();
        Some(match &failure.cause {
            Cause::Store(_) => Self::StoreUnavailable(message),
            Cause::Centrifugo(error) if error.is_refusal() => Self::CentrifugoRefused(message),
            Cause::Centrifugo(_) => Self::CentrifugoUnavailable(message),
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
