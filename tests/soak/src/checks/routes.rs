//! The HTTP API: each answer is a kept view, byte for byte, the newest within a second, and none goes back (I1, I4).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use crate::channels::{NOWHERE, VAULT, all};
use crate::faults::ASKED;
use crate::reader::{Answer, Reader};
use crate::secrets::Search;
use crate::truth::Truth;
use crate::versions::{Eye, Version};
use crate::violation::Violation;

/// A Redis that hangs costs a request 600 ms; the rest is for a busy machine.
const ANSWERED_WITHIN: Duration = Duration::from_millis(1500);
/// For so long Redis is left alone after it has failed, and a little more.
const LEFT_ALONE: Duration = Duration::from_millis(1500);

/// What a reader has seen so far, by channel and route.
#[derive(Default)]
pub(crate) struct Routes {
    eyes: BTreeMap<(&'static str, &'static str), Eye>,
    pub(crate) n_answers: u64,
    /// Until then the function leaves a Redis alone that has just failed, and answers from its memory.
    from_memory_until: Option<Instant>,
}

impl Routes {
    /// Asks each channel by each route.
    pub(crate) async fn check(
        &mut self,
        reader: &mut Reader,
        truth: &Truth,
        search: &mut Search,
    ) -> Result<Vec<Violation>> {
        let mut violations = Vec::new();
        for channel in all() {
            let path = format!("/v1/presence/{channel}");
            let answer = reader.get(&path, "", false).await?;
            violations.extend(search.public(&path, &answer.body));
            violations.extend(self.view(channel, "view", &answer, truth));
            let path = format!("{path}/members");
            let answer = reader.get(&path, "", true).await?;
            violations.extend(search.public(&path, &answer.body));
            violations.extend(self.view(channel, "members", &answer, truth));
        }
        let refused = reader.get(&format!("/v1/presence/{VAULT}/members"), "", false).await?;
        if refused.status != 401 && refused.status != 404 {
            let what = format!("the private list is open: {} {}", refused.status, refused.body);
            violations.push(Violation::of("I4", what));
        }
        violations.extend(self.many(reader, truth, search).await?);
        Ok(violations)
    }

    /// Answers that were given while Redis did not answer: soon, and no older than what was read before.
    pub(crate) fn while_redis_was_away(
        &mut self,
        answers: &[Answer],
        truth: &Truth,
        search: &mut Search,
    ) -> Vec<Violation> {
        let mut violations = Vec::new();
        for answer in answers {
            self.n_answers += 1;
            self.from_memory_until = Some(answer.asked + answer.took + LEFT_ALONE);
            violations.extend(search.public("an answer without Redis", &answer.body));
            if answer.took > ANSWERED_WITHIN {
                let what = format!("a Redis that hangs costs a request {:?}", answer.took);
                violations.push(Violation::of("HTTP", what));
            }
            if answer.status != 503 {
                violations.extend(self.view(ASKED, "view", answer, truth));
            }
        }
        violations
    }

    /// The minutes of a channel: asked so seldom that no answer comes from memory.
    pub(crate) async fn history(
        &mut self,
        channel: &str,
        reader: &mut Reader,
        truth: &Truth,
        search: &mut Search,
    ) -> Result<Vec<Violation>> {
        let path = format!("/v1/presence/{channel}/history");
        let answer = reader.get(&path, "", false).await?;
        self.n_answers += 1;
        let mut violations: Vec<Violation> =
            search.public(&path, &answer.body).into_iter().collect();
        let expected = truth.history(channel);
        let told: Option<Value> =
            serde_json::from_str(&answer.body).ok().filter(|_| answer.status == 200);
        if told != expected && !self.is_from_memory(&answer) {
            let expected = expected.map_or("nothing".to_owned(), |expected| expected.to_string());
            let what = format!("{path}: {}, and should be {expected}", answer.body);
            violations.push(Violation::of("history", what));
        }
        Ok(violations)
    }

    fn is_from_memory(&self, answer: &Answer) -> bool {
        self.from_memory_until.is_some_and(|until| answer.asked < until)
    }

    fn view(
        &mut self,
        channel: &'static str,
        route: &'static str,
        answer: &Answer,
        truth: &Truth,
    ) -> Option<Violation> {
        self.n_answers += 1;
        let known = truth.channel(channel)?;
        let wrong = |promise, what: &str| {
            let Answer { status, body, .. } = answer;
            Some(Violation::of(promise, format!("{channel} by {route}: {what}: {status} {body}")))
        };
        if answer.status == 404 && known.versions.may_be_none() {
            return None;
        }
        let bytes = |version: &Version| match route {
            "members" => version.members.clone(),
            _ => truth.public(channel, version).to_owned(),
        };
        let Some(version) = known.versions.find(|version| bytes(version) == answer.body) else {
            return wrong("I2", "an answer that is no kept view");
        };
        if !self.is_from_memory(answer) && !version.may_be_read(answer.asked) {
            return wrong("I1", "an answer that is more than a second old");
        }
        if !self.eyes.entry((channel, route)).or_default().reads(version) {
            return wrong("I1", "an answer that is older than the one before");
        }
        None
    }

    async fn many(
        &mut self,
        reader: &mut Reader,
        truth: &Truth,
        search: &mut Search,
    ) -> Result<Vec<Violation>> {
        let channels: Vec<&str> = all().collect();
        let query = format!("channels={}", channels.join(","));
        let answer = reader.get("/v1/presence", &query, false).await?;
        let mut violations: Vec<Violation> =
            search.public("/v1/presence", &answer.body).into_iter().collect();
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        for channel in all() {
            // The same bytes stand in it; parsed, since they are a part of a whole.
            let view = &body["channels"][channel];
            let known = truth.channel(channel);
            let is_good = known.is_some_and(|known| {
                let is_it = |version: &Version| {
                    serde_json::from_str::<Value>(truth.public(channel, version)).ok().as_ref()
                        == Some(view)
                };
                let is_view = || {
                    let version = known
                        .versions
                        .find(|version| view["taken_at"] == version.taken_at && is_it(version));
                    version.is_some_and(|version| {
                        self.is_from_memory(&answer) || version.may_be_read(answer.asked)
                    })
                };
                (view.is_null() && known.versions.may_be_none()) || is_view()
            });
            if !is_good {
                let what = format!("{channel} among many: {view}");
                violations.push(Violation::of("I1", what));
            }
        }
        self.n_answers += 1;
        let nowhere = reader.get(&format!("/v1/presence/{NOWHERE}"), "", false).await?;
        if nowhere.status != 404 {
            violations.push(Violation::of("I6", format!("{NOWHERE}: {}", nowhere.body)));
        }
        Ok(violations)
    }
}
