//! What requests are answered from: Redis, or the memory of what it answered.

use std::collections::HashMap;

use presence::{Clock, Millis};
use scope::{Scope, Visibility};
use store::{Error, Store, ViewKind};
use token::Verifier;

use crate::answer::{Answer, Kind};
use crate::memory::Memory;
use crate::problem::Problem;
use crate::{history, log};

/// What requests are answered from. One per process; it holds the connection.
pub struct Reader {
    pub(crate) scope: Scope,
    pub(crate) store: Store,
    pub(crate) tokens: Option<Verifier>,
    memory: Memory,
    clock: Clock,
}

impl Reader {
    /// A reader with its collaborators. Without `tokens` no token is good.
    pub fn new(scope: Scope, store: Store, tokens: Option<Verifier>, clock: Clock) -> Self {
        Self { scope, store, tokens, memory: Memory::default(), clock }
    }

    /// Makes the first connections, to Redis and to where public keys are; a failure is left to the first request to tell.
    pub async fn connect(&self) {
        let redis = async {
            if let Err(error) = self.store.ping().await {
                tracing::warn!("Redis does not answer at the start: {error}");
            }
        };
        tokio::join!(redis, self.learn_keys());
    }

    /// Gets the public keys, where tokens are verified by such.
    pub async fn learn_keys(&self) {
        let Some(tokens) = &self.tokens else { return };
        if let Err(error) = tokens.warm_up(self.now()).await {
            tracing::warn!("No public keys at the start: {error}");
        }
    }

    pub(crate) fn now(&self) -> Millis {
        (self.clock)()
    }

    /// Which view of a channel everybody may see.
    pub(crate) fn public(&self, channel: &str) -> ViewKind {
        match self.scope.visibility(channel) {
            Visibility::Members => ViewKind::Members,
            Visibility::Counts => ViewKind::Counts,
        }
    }

    /// Refuses channels that are not watched. Redis is not asked.
    pub(crate) fn watched<'c>(&self, channel: &'c str) -> Result<&'c str, Problem> {
        if self.scope.watch.contains(channel) { Ok(channel) } else { Err(Problem::UnknownChannel) }
    }

    /// What is kept of a watched channel; `None` where nothing is.
    pub(crate) async fn kept(&self, channel: &str, kind: Kind) -> Result<Option<Answer>, Problem> {
        let now = self.now();
        if let Some(answer) = self.memory.fresh(channel, kind, now) {
            return Ok(Some(answer));
        }
        match self.ask(channel, kind).await {
            Ok(answer) => {
                self.memory.learn(channel, kind, now, answer.as_ref());
                Ok(answer)
            }
            Err(error) => {
                log::unreadable(channel, &error);
                self.remembered(channel, kind, &error).map(Some)
            }
        }
    }

    async fn ask(&self, channel: &str, kind: Kind) -> Result<Option<Answer>, Error> {
        match kind {
            Kind::View(kind) => Ok(self.store.view(channel, kind).await?.map(Answer::from)),
            Kind::History => {
                let history = self.store.history(channel).await?;
                history.map(|history| history::answer(channel, &history)).transpose()
            }
        }
    }

    /// The public views of watched channels by their names, by one request to Redis at most. One of which nothing is kept
    /// is not among them.
    pub(crate) async fn public_views<'c>(
        &self,
        channels: &[&'c str],
    ) -> Result<HashMap<&'c str, Answer>, Problem> {
        let now = self.now();
        let mut answers = HashMap::with_capacity(channels.len());
        let mut open: Vec<(&'c str, ViewKind)> = Vec::new();
        for channel in channels {
            let kind = self.public(channel);
            match self.memory.fresh(channel, Kind::View(kind), now) {
                Some(answer) => {
                    answers.insert(*channel, answer);
                }
                None => open.push((channel, kind)),
            }
        }
        if open.is_empty() {
            return Ok(answers);
        }
        match self.store.views(&open).await {
            Ok(views) => {
                for ((channel, kind), view) in open.into_iter().zip(views) {
                    match view {
                        Ok(view) => {
                            let answer = view.map(Answer::from);
                            self.memory.learn(channel, Kind::View(kind), now, answer.as_ref());
                            answers.extend(answer.map(|answer| (channel, answer)));
                        }
                        // One bad channel harms no other.
                        Err(error) => {
                            log::unreadable(channel, &error);
                        }
                    }
                }
            }
            Err(error) => {
                tracing::error!("Channels can't be read: {error}");
                for (channel, kind) in open {
                    // A channel that is not remembered is not one of which nothing is kept.
                    answers.insert(channel, self.remembered(channel, Kind::View(kind), &error)?);
                }
            }
        }
        Ok(answers)
    }

    /// What was kept of a channel when Redis last answered. Not where Redis does answer, but with something damaged: that
    /// has to be seen and mended.
    fn remembered(&self, channel: &str, kind: Kind, error: &Error) -> Result<Answer, Problem> {
        let answer = match error {
            Error::Damaged => None,
            _ => self.memory.stale(channel, kind, self.now()),
        };
        answer.ok_or(Problem::StoreUnavailable)
    }
}
