//! A real Centrifugo with real clients, who come and go as the stand-in's crowd does: what is true of that one is true here.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use harness::{Centrifugo, Publication, Visit, Visitor, eventually, http_client};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::check::Published;
use super::stand_in::{Present, StandIn};

/// How many connect at once.
const AT_ONCE: usize = 64;

/// Files that are open besides the connections.
const OTHER_FILES: u64 = 500;

/// How long Centrifugo may take to see who has come and gone.
const BOUND: Duration = Duration::from_secs(60);

/// How long a publication may be on its way, and after how long without another one there is none.
const ON_ITS_WAY: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_millis(50);

pub(crate) struct Real {
    centrifugo: Centrifugo,
    channel: String,
    /// The connections of each user; those of guests are under the empty id.
    tabs: BTreeMap<String, Vec<Visitor>>,
    /// Hears what is published, and is not counted.
    witness: Visitor,
}

impl Real {
    /// With nobody there yet.
    pub(crate) async fn start(channel: &str, clients: usize) -> Result<Self> {
        allow_files(clients as u64 + OTHER_FILES)?;
        let centrifugo = Centrifugo::start().await?;
        let listens = [presence(channel)];
        let visit = Visit { user: None, info: Value::Null, channels: &[&listens[0]] };
        let witness = Visitor::connect(&centrifugo, visit).await?;
        Ok(Self { centrifugo, channel: channel.to_owned(), tabs: BTreeMap::new(), witness })
    }

    pub(crate) fn port(&self) -> u16 {
        self.centrifugo.port()
    }

    pub(crate) fn api_key(&self) -> &'static str {
        self.centrifugo.api_key()
    }

    /// Has those go who are not in the stand-in's crowd, and those come who are missing, and waits until Centrifugo says so.
    pub(crate) async fn follow(&mut self, stand_in: &StandIn) -> Result<()> {
        let crowd = stand_in.present(&self.channel).await?;
        let wanted = by_user(&crowd);
        self.tabs.retain(|user, _| wanted.contains_key(user.as_str()));
        let mut missing = Vec::new();
        for (user, all) in &wanted {
            let here = self.tabs.get(*user).map_or(0, Vec::len);
            missing.extend(all.iter().skip(here));
        }
        for some in missing.chunks(AT_ONCE) {
            self.connect(some).await?;
        }
        let wanted: BTreeMap<&str, usize> =
            wanted.iter().map(|(user, all)| (*user, all.len())).collect();
        let what = format!("Centrifugo tells of the {} clients that there are", crowd.len());
        eventually(BOUND, &what, async || {
            let present = self.centrifugo.presence(&self.channel).await.ok()?;
            (counted(present.values()) == wanted).then_some(())
        })
        .await
    }

    async fn connect(&mut self, some: &[&Present]) -> Result<()> {
        let mut connecting = JoinSet::new();
        for Present { user, conn_info } in some {
            let token = match user.as_str() {
                "" => None,
                user => Some(self.centrifugo.token(user, conn_info)?),
            };
            let (url, channel) = (self.centrifugo.client_url(), self.channel.clone());
            let user = user.clone();
            connecting.spawn(async move {
                let visitor = Visitor::connect_to(&url, token.as_deref(), &[&channel]).await;
                visitor.map(|visitor| (user, visitor))
            });
        }
        while let Some(connected) = connecting.join_next().await {
            let (user, visitor) = connected??;
            self.tabs.entry(user).or_default().push(visitor);
        }
        Ok(())
    }

    /// Bytes of the answer to a batch that asks who is there.
    pub(crate) async fn answer_bytes(&self) -> Result<u64> {
        let asked = json!({"commands": [{"presence": {"channel": self.channel}}]});
        let request = http_client()?.post(format!("{}/batch", self.centrifugo.api_url()));
        let request = request.header("X-API-Key", self.api_key()).json(&asked);
        Ok(request.send().await?.error_for_status()?.bytes().await?.len() as u64)
    }

    /// Forgets what was published so far.
    pub(crate) async fn forget(&mut self) -> Result<()> {
        self.heard(SILENCE).await.map(drop)
    }

    /// What is published in these moments.
    pub(crate) async fn published(&mut self) -> Result<Option<Published>> {
        let heard = self.heard(ON_ITS_WAY).await?;
        Ok(Published::heard(heard.into_iter().map(|heard| (heard.version, heard.data))))
    }

    async fn heard(&mut self, first: Duration) -> Result<Vec<Publication>> {
        let channel = presence(&self.channel);
        let mut heard = Vec::new();
        let mut patience = first;
        while let Ok(publication) = timeout(patience, self.witness.next_publication(&channel)).await
        {
            heard.push(publication.context("the witness hears nothing")?);
            patience = SILENCE;
        }
        Ok(heard)
    }
}

fn presence(channel: &str) -> String {
    format!("presence:{channel}")
}

fn by_user(crowd: &[Present]) -> BTreeMap<&str, Vec<&Present>> {
    let mut users: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for present in crowd {
        users.entry(present.user.as_str()).or_default().push(present);
    }
    users
}

/// How many connections each user has, as Centrifugo tells it.
fn counted<'a>(clients: impl Iterator<Item = &'a Value>) -> BTreeMap<&'a str, usize> {
    let mut users = BTreeMap::new();
    for client in clients {
        *users.entry(client["user"].as_str().unwrap_or_default()).or_default() += 1;
    }
    users
}

/// Lets this process, and what it starts from now on, have so many files open.
pub(crate) fn allow_files(needed: u64) -> Result<()> {
    let (now, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    ensure!(most >= needed, "a process may have {most} files open here, and {needed} are needed");
    if now < needed {
        setrlimit(Resource::RLIMIT_NOFILE, needed, most)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_counted_with_their_tabs_and_guests_together() {
        let crowd: Vec<Present> = ["7", "", "7", "8", ""]
            .map(|user| Present { user: user.to_owned(), conn_info: Value::Null })
            .into();
        let told = crowd.iter().map(|present| json!({"user": present.user})).collect::<Vec<_>>();
        let expected = BTreeMap::from([("", 2), ("7", 2), ("8", 1)]);
        assert_eq!(counted(told.iter()), expected);
        let wanted = by_user(&crowd);
        assert_eq!(
            wanted.iter().map(|(user, all)| (*user, all.len())).collect::<BTreeMap<_, _>>(),
            expected
        );
    }

    #[test]
    fn too_many_files_are_refused_with_the_numbers() {
        let error = allow_files(u64::MAX - 1).unwrap_err().to_string();
        assert!(error.ends_with("are needed"), "{error}");
        allow_files(16).unwrap();
    }
}
