//! What went wrong, and when it makes the whole roll call fail.

use serde::Serialize;

/// The steps of a roll call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Which channels there are.
    List,
    /// Who is in them.
    Ask,
    /// Compare and keep.
    Commit,
    /// The views to Centrifugo.
    Publish,
    /// The events to whoever is told of them.
    Announce,
}

/// What went wrong with one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The channel; the glob whose channels could not be listed; `*` where it is about all of them, or about the rest of very
    /// many.
    pub channel: String,
    /// The step that it failed at.
    pub step: Step,
    /// One line for the operator.
    pub error: String,
}

/// A failure with its cause, which decides what kind of error a roll call is that committed nothing.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) channel: String,
    pub(crate) step: Step,
    pub(crate) cause: Cause,
}

#[derive(Debug, Clone)]
pub(crate) enum Cause {
    Centrifugo(centrifugo::Error),
    Store(store::Error),
    Announcer(String),
    /// The roll call had to end.
    Late,
}

impl Failure {
    fn message(&self) -> String {
        match &self.cause {
            Cause::Centrifugo(error) => error.to_string(),
            Cause::Store(error) => error.to_string(),
            Cause::Announcer(error) => error.clone(),
            Cause::Late => {
                let slow = match self.step {
                    Step::List | Step::Ask | Step::Publish => "Centrifugo",
                    Step::Commit => "Redis",
                    Step::Announce => "whoever is told of events",
                };
                format!(
                    "the roll call had to end before this channel's turn: {slow} is slow, or more is watched than fits into its time"
                )
            }
        }
    }

    /// What counts most where nothing could be committed: a store that failed, since Centrifugo had answered then; then a
    /// refusal, more than a silence.
    pub(crate) fn weight(&self) -> u8 {
        match &self.cause {
            Cause::Store(_) => 2,
            Cause::Late if self.step == Step::Commit => 2,
            Cause::Centrifugo(error) => u8::from(error.is_refusal()),
            Cause::Announcer(_) | Cause::Late => 0,
        }
    }

    /// Whether nothing is decided of the channel: the same may well succeed at the next roll call.
    pub(crate) fn is_undecided(&self) -> bool {
        match &self.cause {
            Cause::Centrifugo(error) => {
                error.is_transient() || matches!(error, centrifugo::Error::GivenUp(_))
            }
            Cause::Store(_) | Cause::Announcer(_) | Cause::Late => true,
        }
    }
}

impl From<centrifugo::Error> for Cause {
    fn from(error: centrifugo::Error) -> Self {
        Self::Centrifugo(error)
    }
}

impl From<store::Error> for Cause {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self { error: failure.message(), channel: failure.channel, step: failure.step }
    }
}

/// Why nothing could be committed. The names are stable: alarms match them.
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
    /// The error of a roll call that committed nothing, by the failure that counts most.
    pub(crate) fn because_of(failure: &Failure) -> Self {
        let message = failure.message();
        match &failure.cause {
            Cause::Store(_) => Self::StoreUnavailable(message),
            Cause::Late if failure.step == Step::Commit => Self::StoreUnavailable(message),
            Cause::Centrifugo(error) if error.is_refusal() => Self::CentrifugoRefused(message),
            Cause::Centrifugo(_) | Cause::Announcer(_) | Cause::Late => {
                Self::CentrifugoUnavailable(message)
            }
        }
    }

    /// The name that alarms match, e.g. `CentrifugoRefused`.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::CentrifugoUnavailable(_) => "CentrifugoUnavailable",
            Self::CentrifugoRefused(_) => "CentrifugoRefused",
            Self::StoreUnavailable(_) => "StoreUnavailable",
        }
    }
}
