//! What can go wrong, and who can mend it.

use serde::Deserialize;

/// Why a call, or one channel of it, failed. The message names the setting to change where there is one.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection, or it broke.
    #[error("can't reach Centrifugo: {0}; check CENTRIFUGO_API_URL and that Centrifugo runs")]
    Unreachable(String),
    /// The answer took too long.
    #[error("Centrifugo did not answer in time")]
    TimedOut,
    /// It was waited for in vain too often, and is not asked for the time being.
    #[error("Centrifugo did not answer {0} times in a row: not asked again in this roll call")]
    GivenUp(u32),
    /// HTTP 401.
    #[error(
        "Centrifugo refuses the API key: CENTRIFUGO_API_KEY must be the value of Centrifugo's http_api.key"
    )]
    KeyRefused,
    /// HTTP 404 and 405: something else listens there.
    #[error(
        "no server API at CENTRIFUGO_API_URL (HTTP status {0}): it must end with Centrifugo's \
         http_api.handler_prefix (/api), on the internal port where one is set"
    )]
    NoApi(u16),
    /// Any other HTTP status but 200.
    #[error("Centrifugo answers with HTTP status {0}")]
    Status(u16),
    /// The answer is longer than allowed.
    #[error("Centrifugo's answer is over {} MiB", .0 / (1024 * 1024))]
    TooLarge(usize),
    /// The answer is not what the API gives.
    #[error("can't read Centrifugo's answer: {0}; check that CENTRIFUGO_API_URL is a Centrifugo 6")]
    Malformed(String),
    /// Error 102.
    #[error("{} is not configured in Centrifugo: add it to channel.namespaces", place(.channel))]
    UnknownNamespace {
        /// The channel asked for.
        channel: String,
    },
    /// Error 108 to a presence request.
    #[error("presence is off in Centrifugo for {}: set `presence: true` there", place(.channel))]
    PresenceOff {
        /// The channel asked for.
        channel: String,
    },
    /// Any other error of the API.
    #[error("Centrifugo answers with error {code}: {message}")]
    Api {
        /// Centrifugo's code.
        code: u32,
        /// Centrifugo's text.
        message: String,
    },
}

impl Error {
    /// Whether the same call may well succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::TimedOut => true,
            Self::Status(status) => *status >= 500,
            Self::Api { code, .. } => *code == 100,
            _ => false,
        }
    }

    /// Whether Centrifugo works and refuses: only a changed setting helps.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::KeyRefused
                | Self::NoApi(_)
                | Self::UnknownNamespace { .. }
                | Self::PresenceOff { .. }
        ) || matches!(self, Self::Api { code, .. } if *code != 100)
    }

    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TimedOut;
        }
        // The innermost cause is what an operator understands ("Connection refused"); the layers above name a URL.
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        Self::Unreachable(cause.to_string())
    }
}

/// An error as the API writes it.
#[derive(Debug, Deserialize)]
pub(crate) struct ApiError {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    message: String,
}

impl ApiError {
    /// The error of a command that is about `channel`.
    pub(crate) fn about(self, channel: &str) -> Error {
        match self.code {
            102 => Error::UnknownNamespace { channel: channel.to_owned() },
            _ => self.into_error(),
        }
    }

    /// The error of a presence command.
    pub(crate) fn about_presence_of(self, channel: &str) -> Error {
        match self.code {
            108 => Error::PresenceOff { channel: channel.to_owned() },
            _ => self.about(channel),
        }
    }

    pub(crate) fn into_error(self) -> Error {
        Error::Api { code: self.code, message: self.message }
    }
}

/// The part of Centrifugo's configuration that rules a channel: its namespace ends at the first colon.
fn place(channel: &str) -> String {
    match channel.split_once(':') {
        Some((namespace, _)) => format!("the namespace `{namespace}`"),
        None => "channels without a namespace (channel.without_namespace)".to_owned(),
    }
}
