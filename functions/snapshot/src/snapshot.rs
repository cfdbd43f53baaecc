//! What requests are answered from: Redis, or the memory of what it answered.

use ::presence::{Millis, Scope, Visibility};
use store::{Error, Kept, Store, ViewKind};
use token::Verifier;

use crate::history;
use crate::memory::{Answer, Memory, What};
use crate::problem::Problem;

/// Reads the clock.
pub type Clock = Box<dyn Fn() -> Millis + Send + Sync>;

/// What requests are answered from. One per sandbox; it holds the connection.
pub struct Snapshot {
    pub(crate) scope: Scope,
    pub(crate) store: Store,
    pub(crate) tokens: Option<Verifier>,
    memory: Memory,
    clock: Clock,
}

impl Snapshot {
    /// A snapshot with its collaborators. Without `tokens` no token is good.
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
        let keys = async {
            let Some(tokens) = &self.tokens else { return };
            if let Err(error) = tokens.warm_up(self.now()).await {
                tracing::warn!("No public keys at the start: {error}");
            }
        };
        tokio::join!(redis, keys);
    }

    pub(crate) fn now(&self) -> Millis {
        (self.clock)()
    }

    /// Which view everybody may see.
    pub(crate) fn public(&self) -> What {
        match self.scope.visibility {
            Visibility::Members => What::Members,
            Visibility::Counts => What::Counts,
        }
    }

    /// Refuses channels that are not watched. Redis is not asked.
    pub(crate) fn watched<'c>(&self, channel: &'c str) -> Result<&'c str, Problem> {
        if self.scope.watch.contains(channel) { Ok(channel) } else { Err(Problem::UnknownChannel) }
    }

    /// What is kept of a watched channel; `None` where nothing is.
    pub(crate) async fn kept(&self, channel: &str, what: What) -> Result<Option<Answer>, Problem> {
        let now = self.now();
        if let Some(answer) = self.memory.fresh(channel, what, now) {
            return Ok(Some(answer));
        }
        match self.ask(channel, what).await {
            Ok(answer) => {
                self.memory.learn(channel, what, now, answer.as_ref());
                Ok(answer)
            }
            Err(error) => {
                tracing::error!(channel, "Channel `{channel}` can't be read: {error}");
                self.remembered(channel, what, &error).map(Some)
            }
        }
    }

    async fn ask(&self, channel: &str, what: What) -> Result<Option<Answer>, Error> {
        let view = async |kind| Ok(self.store.view(channel, kind).await?.map(Answer::from));
        match what {
            What::Counts => view(ViewKind::Counts).await,
            What::Members => view(ViewKind::Members).await,
            What::History => {
                let history = self.store.history(channel).await?;
                history.map(|history| history::answer(channel, &history)).transpose()
            }
        }
    }

    /// The public views of watched channels, in their order, by one request to Redis at most.
    pub(crate) async fn public_views(
        &self,
        channels: &[&str],
    ) -> Result<Vec<Option<Answer>>, Problem> {
        let (now, what) = (self.now(), self.public());
        let kind = if what == What::Members { ViewKind::Members } else { ViewKind::Counts };
        let mut answers: Vec<Option<Answer>> =
            channels.iter().map(|channel| self.memory.fresh(channel, what, now)).collect();
        let open = channels.iter().zip(&mut answers).filter(|(_, answer)| answer.is_none());
        let (asked, places): (Vec<&str>, Vec<_>) =
            open.map(|(channel, place)| (*channel, place)).unzip();
        if asked.is_empty() {
            return Ok(answers);
        }
        match self.store.views(&asked, kind).await {
            Ok(views) => {
                for ((channel, view), place) in asked.into_iter().zip(views).zip(places) {
                    match view {
                        Ok(view) => {
                            *place = view.map(Answer::from);
                            self.memory.learn(channel, what, now, place.as_ref());
                        }
                        // One bad channel harms no other.
                        Err(error) => {
                            tracing::error!(channel, "Channel `{channel}` can't be read: {error}");
                        }
                    }
                }
            }
            Err(error) => {
                tracing::error!("Channels can't be read: {error}");
                for (channel, place) in asked.into_iter().zip(places) {
                    // A channel that is not remembered is not one of which nothing is kept.
                    *place = Some(self.remembered(channel, what, &error)?);
                }
            }
        }
        Ok(answers)
    }

    /// What was kept of a channel when Redis last answered. Not where Redis does answer, but with something damaged: that
    /// has to be seen and mended.
    fn remembered(&self, channel: &str, what: What, error: &Error) -> Result<Answer, Problem> {
        let answer = match error {
            Error::Damaged => None,
            _ => self.memory.stale(channel, what, self.now()),
        };
        answer.ok_or(Problem::StoreUnavailable)
    }
}

impl From<Kept> for Answer {
    fn from(Kept { taken_at, view }: Kept) -> Self {
        Self { taken_at, body: view }
    }
}
