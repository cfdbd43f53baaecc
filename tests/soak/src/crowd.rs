//! The people as Centrifugo sees them: a real connection for each tab.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use harness::{Centrifugo, Visitor, eventually, now_seconds, sign};
use serde_json::{Value, json};

use crate::census::{Census, Client};
use crate::channels::{BROKEN_ROOM, all};
use crate::people::Tab;

/// Who is in each channel; in one where a client's info is no JSON, nobody can tell.
pub(crate) type Population = BTreeMap<&'static str, Option<Census>>;

/// The tabs that are open.
#[derive(Default)]
pub(crate) struct Crowd {
    tabs: BTreeMap<u64, (Tab, Visitor)>,
}

impl Crowd {
    /// Closes some tabs, as their users would.
    pub(crate) async fn close(&mut self, numbers: &[u64]) {
        for number in numbers {
            if let Some((_, visitor)) = self.tabs.remove(number) {
                visitor.leave().await;
            }
        }
    }

    /// Opens a tab.
    pub(crate) async fn open(&mut self, tab: &Tab, centrifugo: &Centrifugo) -> Result<()> {
        let claims = tab.claims().map(|mut claims| {
            claims["exp"] = json!(now_seconds() + 24 * 3600);
            claims
        });
        let token = claims.map(|claims| sign(centrifugo.token_secret(), &claims)).transpose()?;
        // A token that holds the subscriptions needs no others.
        let channels = if tab.chan_info.is_some() { &[][..] } else { tab.channels.as_slice() };
        let visitor =
            Visitor::connect_to(&centrifugo.client_url(), token.as_deref(), channels).await?;
        self.tabs.insert(tab.number, (tab.clone(), visitor));
        Ok(())
    }

    /// Everybody's connection is gone.
    pub(crate) fn lose_all(&mut self) {
        self.tabs.clear();
    }

    /// Whether a tab is connected.
    pub(crate) fn has(&self, number: u64) -> bool {
        self.tabs.contains_key(&number)
    }

    /// Who is there now.
    pub(crate) fn population(&self) -> Population {
        all().map(|channel| (channel, self.census(channel))).collect()
    }

    /// Nobody at all.
    pub(crate) fn nobody() -> Population {
        all().map(|channel| (channel, Some(Census::default()))).collect()
    }

    fn census(&self, channel: &'static str) -> Option<Census> {
        let here = || self.tabs.values().filter(|(tab, _)| tab.channels.contains(&channel));
        if here().any(|(tab, _)| tab.is_broken) {
            return None;
        }
        let clients = here().map(|(tab, visitor)| Client {
            id: visitor.client().to_owned(),
            user: tab.user.clone().unwrap_or_default(),
            conn_info: tab.conn_info.clone(),
            chan_info: tab.chan_info.clone(),
        });
        Some(Census::of(&clients.collect::<Vec<_>>()))
    }

    /// Waits until Centrifugo has exactly these clients in its channels.
    pub(crate) async fn settle(&self, centrifugo: &Centrifugo) -> Result<()> {
        let mut last = String::new();
        let settled =
            eventually(Duration::from_secs(20), "everybody is where they should be", async || {
                match self.differs(centrifugo).await {
                    Ok(None) => return Some(()),
                    Ok(Some(channel)) => last = channel,
                    Err(error) => last = format!("{error:#}"),
                }
                None
            });
        let settled = settled.await;
        settled.with_context(|| format!("last seen to differ: {last}"))
    }

    /// A channel in which Centrifugo sees other clients.
    async fn differs(&self, centrifugo: &Centrifugo) -> Result<Option<String>> {
        let asked: Vec<&str> = all().filter(|channel| *channel != BROKEN_ROOM).collect();
        let commands: Vec<Value> =
            asked.iter().map(|channel| json!({"presence": {"channel": channel}})).collect();
        let answer = centrifugo.api("batch", &json!({ "commands": commands })).await?;
        let Some(replies) = answer["replies"].as_array() else { bail!("no replies") };
        for (channel, reply) in asked.into_iter().zip(replies) {
            let clients = reply["presence"]["presence"].as_object().context("no presence")?;
            let seen: BTreeSet<&str> = clients.keys().map(String::as_str).collect();
            let here = self.tabs.values().filter(|(tab, _)| tab.channels.contains(&channel));
            let expected: BTreeSet<&str> = here.map(|(_, visitor)| visitor.client()).collect();
            if seen != expected {
                return Ok(Some(channel.to_owned()));
            }
        }
        let answer = centrifugo.api("presence_stats", &json!({ "channel": BROKEN_ROOM })).await?;
        let here = self.tabs.values().filter(|(tab, _)| tab.channels.contains(&BROKEN_ROOM));
        let n_clients = answer["num_clients"].as_u64().unwrap_or_default();
        Ok((n_clients != here.count() as u64).then(|| BROKEN_ROOM.to_owned()))
    }
}
