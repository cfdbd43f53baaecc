//! The element in a real browser, far from its server: how much there is to load, how soon the first number is there, and
//! whether the page jumps; beside a bare page and one on centrifuge-js. Each number that is shown is checked.

mod page;
mod scripts;
mod site;

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use harness::tools::{self, npm_ci};
use harness::{Centrifugo, eventually, root};
use serde::Deserialize;
use serde_json::{Value, json};

use super::dialogue::Dialogue;
use super::far;
use super::machine::first_line;
use super::now;
use super::results::{ElementResult, Results};
use super::statistics::Summary;
use crate::output::Progress;
use page::Kind;
use scripts::Script;
use site::{Site, Visited};

/// What can be asked for alone.
pub(crate) const GROUP: &str = "element";

/// Visits of each page that count.
pub(crate) const QUICK: usize = 4;
pub(crate) const FULL: usize = 25;

/// How long a page may take to have subscribed, or to show a change.
const BOUND: Duration = Duration::from_secs(20);

/// What all visits need.
struct Stage {
    browser: Dialogue,
    site: Site,
    centrifugo: Centrifugo,
    /// The addresses as a page far away has them.
    page_url: String,
    /// As the element is told.
    element_socket: String,
    /// Of Centrifugo's own library.
    library_socket: String,
}

/// A page and what became of its visits.
struct Entrant {
    kind: Kind,
    script: Script,
    samples: Vec<Sample>,
    void: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    first_ms: f64,
    shift: f64,
}

/// What the browser answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    error: Option<String>,
    number: String,
    first_ms: f64,
    shift: f64,
}

/// Measures all pages, or notes why that can't be done here.
pub(crate) async fn measure(
    visits: usize,
    results: &mut Results,
    progress: &Progress,
) -> Result<()> {
    let prepared = async {
        let chromium = tools::chromium(progress).await?;
        npm_ci(&root().join("tests/browser"), progress).await?;
        Ok::<_, anyhow::Error>((chromium, scripts::build(progress).await?))
    };
    let (chromium, scripts) = match prepared.await {
        Ok(prepared) => prepared,
        Err(error) => {
            results.leave_out(format!("{GROUP}: {error:#}"));
            return Ok(());
        }
    };
    let mut entrants: Vec<Entrant> = Kind::ALL.into_iter().zip(scripts).map(Entrant::new).collect();
    let mut stage = Stage::set(&chromium, &entrants).await?;
    // The first visit of each warms the browser up.
    for visit in 0..=visits {
        for (turn, entrant) in entrants.iter_mut().enumerate() {
            let done = visit * Kind::ALL.len() + turn;
            progress.part(GROUP, done, (visits + 1) * Kind::ALL.len());
            entrant.be_visited(&mut stage, visit).await;
        }
    }
    stage.browser.end().await;
    results.browser = first_line(&chromium, &["--version"]);
    results.element = entrants.into_iter().map(Entrant::result).collect();
    Ok(())
}

impl Stage {
    async fn set(chromium: &Path, entrants: &[Entrant]) -> Result<Self> {
        let scripts = entrants.iter().flat_map(|Entrant { kind, script, .. }| {
            let beside = script.beside.clone().map(|(name, gzipped)| (name.to_owned(), gzipped));
            [(format!("{}.js", kind.name()), script.gzipped.clone())].into_iter().chain(beside)
        });
        let site = Site::start(scripts.collect::<HashMap<_, _>>()).await?;
        let centrifugo = Centrifugo::start().await?;
        let far_site = far::proxy(site.port, far::VISITOR)?;
        let far_centrifugo = far::proxy(centrifugo.port(), far::VISITOR)?;
        let near = format!(":{}/", centrifugo.port());
        let mut visitor = Command::new("node");
        visitor.arg(root().join("bench/browser/visit.mjs")).env("CHROME_BIN", chromium);
        Ok(Self {
            browser: Dialogue::start("browser", visitor)?,
            page_url: format!("http://127.0.0.1:{far_site}/"),
            element_socket: centrifugo.client_url().replace(&near, &format!(":{far_centrifugo}/")),
            library_socket: format!("ws://127.0.0.1:{far_centrifugo}/connection/websocket"),
            site,
            centrifugo,
        })
    }

    async fn tell(&mut self, what: &Value) -> Result<Answer> {
        let line = self.browser.answer(&what.to_string()).await?;
        let answer: Answer =
            serde_json::from_str(&line).with_context(|| format!("{line:?} is no answer"))?;
        match answer.error {
            Some(error) => anyhow::bail!("{what}: {error}"),
            None => Ok(answer),
        }
    }

    /// One visit, by somebody who was never here, of a channel that nobody has seen before.
    async fn visit(&mut self, kind: Kind, number: usize) -> Result<Sample> {
        let channel = format!("site:{}-{number}", kind.name());
        let present = 1000 + 13 * number as u64;
        let taken_at = now();
        let view = page::view(&channel, present, taken_at, &self.element_socket);
        self.site.show(Visited {
            html: kind.html(&channel, &self.library_socket),
            channel: channel.clone(),
            view: view.to_string(),
        });
        let first = self.tell(&json!({"visit": self.page_url})).await?;
        let shows = |answer: &Answer, present| {
            let truth = page::written(present);
            ensure!(answer.number == truth, "it shows {} instead of {truth}", answer.number);
            Ok(())
        };
        shows(&first, present)?;
        if kind.is_live() {
            self.is_followed(&channel).await?;
            let changed = present + 1;
            let view = page::view(&channel, changed, taken_at + 1, &self.element_socket);
            let publication = json!({"channel": format!("presence:{channel}"), "data": view});
            self.centrifugo.api("publish", &publication).await?;
            shows(&self.tell(&json!({"change": true})).await?, changed)?;
        }
        let Answer { shift, .. } = self.tell(&json!({"leave": true})).await?;
        Ok(Sample { first_ms: first.first_ms, shift })
    }

    /// Waits until the page is counted in a channel and will hear what is published of it.
    async fn is_followed(&self, channel: &str) -> Result<()> {
        self.centrifugo.wait_for_clients(channel, 1).await?;
        let views = format!("presence:{channel}");
        eventually(BOUND, &format!("the page follows {views}"), async || {
            let asked = json!({"pattern": views});
            let list = self.centrifugo.api("channels", &asked).await.ok()?;
            (list["channels"][&views]["num_clients"] == 1).then_some(())
        })
        .await
    }
}

impl Entrant {
    fn new((kind, script): (Kind, Script)) -> Self {
        Self { kind, script, samples: Vec::new(), void: None }
    }

    async fn be_visited(&mut self, stage: &mut Stage, visit: usize) {
        if self.void.is_some() {
            return;
        }
        match stage.visit(self.kind, visit).await {
            Ok(_) if visit == 0 => {}
            Ok(sample) => self.samples.push(sample),
            Err(error) => {
                self.void = Some(format!("visit {}: {error:#}", visit + 1));
                // It may still be open.
                let _ = stage.tell(&json!({"leave": true})).await;
            }
        }
    }

    fn result(self) -> ElementResult {
        let counts = self.void.is_none();
        let firsts = self.samples.iter().map(|sample| sample.first_ms);
        ElementResult {
            name: self.kind.name().to_owned(),
            version: self.script.version,
            visits: self.samples.len(),
            script_bytes: self.script.bytes,
            gzipped_bytes: self.script.gzipped.len(),
            first_ms: Summary::of(firsts).filter(|_| counts),
            shift: Summary::of(self.samples.iter().map(|sample| sample.shift))
                .filter(|_| counts)
                .map(|shift| shift.most),
            void: self.void,
        }
    }
}
