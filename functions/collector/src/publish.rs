//! The views to Centrifugo.

use centrifugo::Publication;
use presence::Visibility;

use crate::report::Failure;
use crate::roll_call::{Collector, Progress};
use crate::take::Taken;

impl Collector {
    /// Publishes what was committed: the public view, and the members view where it has a channel of its own.
    pub(crate) async fn publish(&self, committed: &[Taken], progress: &mut Progress) {
        let scope = &self.config.scope;
        let mut outgoing: Vec<(&Taken, String, &str)> = Vec::new();
        for taken in committed {
            let public = match scope.visibility {
                Visibility::Members => &taken.views.members,
                Visibility::Counts => &taken.views.counts,
            };
            for (to, view) in
                [(&scope.publish, public), (&scope.publish_members, &taken.views.members)]
            {
                if let Some(to) = to {
                    outgoing.push((taken, to.channel(&taken.channel), view));
                }
            }
        }
        let version = progress.report.taken_at;
        let idempotency_key = format!("rollcall@{version}");
        let publications: Vec<Publication<'_>> = outgoing
            .iter()
            .map(|(taken, channel, data)| Publication {
                channel,
                data,
                version,
                version_epoch: &taken.version_epoch,
                idempotency_key: &idempotency_key,
            })
            .collect();
        let results = self.centrifugo.publish(&publications).await;
        for ((taken, _, _), result) in outgoing.iter().zip(results) {
            match result {
                Ok(()) => progress.report.published += 1,
                Err(error) => progress.failures.push(Failure::ask(&taken.channel, error)),
            }
        }
    }
}
