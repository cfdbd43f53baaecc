//! The way of one roll call: ask, commit, publish.

use centrifugo::{Client, Error as AskError, PresenceReply, Publication};
use presence::{CensusOf, Listing, Live, Millis, Peak, Peaks, RollCall, Views, Visibility, views};
use store::{Commit, Outcome, Store};

use crate::config::Config;
use crate::report::{Failure, NothingCommitted, RollCallReport};

/// Channels per call: enough to make the round trips cheap, few enough to keep their answers small in memory.
const ASKED_AT_ONCE: usize = 250;

/// Takes roll calls. One per sandbox; it holds the connections.
pub struct Collector {
    pub(crate) config: Config,
    pub(crate) centrifugo: Client,
    pub(crate) store: Store,
}

/// What was committed and is to be published.
struct Committed {
    channel: String,
    views: Views,
}

/// One roll call under way.
struct Progress {
    report: RollCallReport,
    failures: Vec<Failure>,
}

impl Collector {
    /// A collector with its collaborators.
    pub fn new(config: Config, centrifugo: Client, store: Store) -> Self {
        Self { config, centrifugo, store }
    }

    /// Makes the first connection to Redis; a failure is left to the first roll call to tell.
    pub async fn connect(&self) {
        if let Err(error) = self.store.ping().await {
            tracing::warn!("Redis does not answer at the start: {error}");
        }
    }

    /// Takes one roll call of all watched channels.
    ///
    /// # Errors
    /// Where nothing could be committed; what went wrong with some channels only is in the report.
    pub async fn roll_call(
        &self,
        now: impl Fn() -> Millis,
    ) -> Result<RollCallReport, NothingCommitted> {
        let report = RollCallReport { taken_at: now(), ..RollCallReport::default() };
        let mut progress = Progress { report, failures: Vec::new() };
        let channels = self.watched_channels(&mut progress.failures).await;
        progress.report.watched = channels.len();

        let channels: Vec<&str> = channels.iter().map(String::as_str).collect();
        let mut batches: Vec<&[&str]> = channels.chunks(ASKED_AT_ONCE).rev().collect();
        while let Some(batch) = batches.pop() {
            match self.centrifugo.presence(batch).await {
                // One channel too many, or one too big: the halves tell which.
                Err(AskError::TooLarge(_)) if batch.len() > 1 => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.extend([second, first]);
                }
                Err(error) => progress.fail_all(batch, &error, Failure::ask),
                Ok(answer) => match answer.replies(batch.len()) {
                    Err(error) => progress.fail_all(batch, &error, Failure::ask),
                    Ok(replies) => {
                        let committed = self.commit(batch, replies, &mut progress, now()).await;
                        drop(answer);
                        self.publish(&committed, &mut progress).await;
                    }
                },
            }
        }

        let Progress { mut report, failures } = progress;
        if report.committed + report.superseded == 0
            && let Some(error) = NothingCommitted::because_of(&failures)
        {
            return Err(error);
        }
        report.failed = failures.into_iter().map(Into::into).collect();
        Ok(report)
    }

    /// Takes the census of each channel and commits its views.
    async fn commit(
        &self,
        channels: &[&str],
        replies: Vec<PresenceReply<'_>>,
        progress: &mut Progress,
        now: Millis,
    ) -> Vec<Committed> {
        let taken_at = progress.report.taken_at;
        let mut taken = Vec::with_capacity(channels.len());
        for (channel, reply) in channels.iter().zip(replies) {
            match self.take(channel, reply, taken_at) {
                Ok(views) => taken.push(Committed { channel: (*channel).to_owned(), views }),
                Err(error) => progress.failures.push(Failure::ask(channel, error)),
            }
        }
        if taken.is_empty() {
            return taken;
        }
        let commits: Vec<Commit<'_>> = taken
            .iter()
            .map(|Committed { channel, views }| Commit { channel, taken_at, views })
            .collect();
        let outcomes = match self.store.commit(&commits, now, self.config.snapshot_ttl).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let channels: Vec<&str> =
                    taken.iter().map(|taken| taken.channel.as_str()).collect();
                progress.fail_all(&channels, &error, Failure::commit);
                return Vec::new();
            }
        };
        let mut outcomes = outcomes.into_iter();
        taken.retain(|Committed { channel, .. }| match outcomes.next() {
            Some(Ok(Outcome::Committed)) => progress.committed(),
            Some(Ok(Outcome::Overwritten)) => {
                tracing::warn!(
                    channel,
                    "Channel `{channel}` held a roll call from the future: a clock is or was wrong"
                );
                progress.committed()
            }
            Some(Ok(Outcome::Superseded)) | None => {
                progress.report.superseded += 1;
                false
            }
            Some(Err(error)) => {
                progress.failures.push(Failure::commit(channel, error));
                false
            }
        });
        taken
    }

    /// From one channel's answer to its views.
    fn take(
        &self,
        channel: &str,
        reply: PresenceReply<'_>,
        taken_at: Millis,
    ) -> Result<Views, AskError> {
        let Config { scope, info_fields, listed_max, .. } = &self.config;
        let census =
            reply.census(channel, CensusOf { guests: &scope.guests, fields: info_fields })?;
        let counts = census.counts();
        let peak = Peak { present: counts.present, at: taken_at };
        let listing = Listing::of(&census, info_fields, *listed_max, |_| taken_at);
        let live = self.live(channel);
        let peaks = Peaks { today: peak, ever: peak };
        let roll_call = RollCall {
            channel,
            taken_at,
            period: scope.period,
            counts,
            peaks: &peaks,
            live: live.as_ref(),
        };
        Ok(views(roll_call, &listing))
    }

    /// Where a page finds the next views of a channel.
    fn live(&self, channel: &str) -> Option<Live> {
        let Config { scope, client_url, .. } = &self.config;
        let to =
            |publish: &Option<presence::PublishTo>| publish.as_ref().map(|to| to.channel(channel));
        let (public, members) = (to(&scope.publish), to(&scope.publish_members));
        if public.is_none() && members.is_none() {
            return None;
        }
        Some(Live { url: client_url.clone()?, channel: public, members_channel: members })
    }

    /// Publishes what was committed: the public view, and the members view where it has a channel of its own.
    async fn publish(&self, committed: &[Committed], progress: &mut Progress) {
        let scope = &self.config.scope;
        let mut outgoing: Vec<(&str, String, &str)> = Vec::new();
        for Committed { channel, views } in committed {
            let public = match scope.visibility {
                Visibility::Members => &views.members,
                Visibility::Counts => &views.counts,
            };
            for (to, view) in [(&scope.publish, public), (&scope.publish_members, &views.members)] {
                if let Some(to) = to {
                    outgoing.push((channel, to.channel(channel), view));
                }
            }
        }
        let version = progress.report.taken_at;
        let idempotency_key = format!("rollcall@{version}");
        let publications: Vec<Publication<'_>> = outgoing
            .iter()
            .map(|(_, channel, data)| Publication {
                channel,
                data,
                version,
                idempotency_key: &idempotency_key,
            })
            .collect();
        let results = self.centrifugo.publish(&publications).await;
        for ((watched, _, _), result) in outgoing.iter().zip(results) {
            match result {
                Ok(()) => progress.report.published += 1,
                Err(error) => progress.failures.push(Failure::ask(watched, error)),
            }
        }
    }
}

impl Progress {
    /// Counts a committed channel; `true`, so that it is kept for publication.
    fn committed(&mut self) -> bool {
        self.report.committed += 1;
        true
    }

    fn fail_all<E: Clone>(
        &mut self,
        channels: &[&str],
        error: &E,
        failure: fn(&str, E) -> Failure,
    ) {
        self.failures.extend(channels.iter().map(|channel| failure(channel, error.clone())));
    }
}
