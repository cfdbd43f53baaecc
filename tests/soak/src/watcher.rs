//! A subscriber of all that is published.

use anyhow::Result;
use harness::{Centrifugo, Publication, Visitor, now_seconds, sign};
use serde_json::json;

use crate::channels::{VAULT, all, published, published_privately};

pub(crate) struct Watcher(Visitor);

impl Watcher {
    pub(crate) async fn connect(centrifugo: &Centrifugo) -> Result<Self> {
        let claims = json!({
            "sub": "watcher",
            "exp": now_seconds() + 24 * 3600,
            "channels": [published_privately(VAULT)],
        });
        let token = sign(centrifugo.token_secret(), &claims)?;
        let channels: Vec<String> = all().map(published).collect();
        let channels: Vec<&str> = channels.iter().map(String::as_str).collect();
        let visitor =
            Visitor::connect_to(&centrifugo.client_url(), Some(&token), &channels).await?;
        Ok(Self(visitor))
    }

    /// What has come since the last time: the channel watched, whether it is the private list, and the publication.
    pub(crate) fn received(&mut self) -> Vec<(&'static str, bool, Publication)> {
        let received = self.0.received();
        received
            .into_iter()
            .filter_map(|(to, publication)| {
                let of = |name: fn(&str) -> String| all().find(|channel| name(channel) == to);
                let public = of(published).map(|channel| (channel, false));
                let (channel, is_private) =
                    public.or_else(|| of(published_privately).map(|channel| (channel, true)))?;
                Some((channel, is_private, publication))
            })
            .collect()
    }
}
