//! The scripts that are compared, as a CDN sends them.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use harness::tools::{Report as _, npm_ci};
use harness::{root, run, target};
use serde_json::Value;

use super::super::machine::first_line;
use crate::dev::widget;
use crate::output::Progress;

const WORK: Duration = Duration::from_secs(10 * 60);

/// A script.
#[derive(Debug, Clone)]
pub(super) struct Script {
    /// Of what is in it.
    pub(super) version: String,
    /// Bytes as it is.
    pub(super) bytes: usize,
    pub(super) gzipped: Vec<u8>,
    /// What it loads from beside it: the name, and the gzipped file.
    pub(super) beside: Option<(&'static str, Vec<u8>)>,
}

/// What our page shows besides the number.
const PEOPLE: &str = "roll-call-people.js";

/// Ours, the bare page's, which is made as long, and that of the page on centrifuge-js.
pub(super) async fn build(progress: &Progress) -> Result<[Script; 3]> {
    widget::build_unless_fresh(progress).await?;
    let folder = target().join("bench/element");
    fs::create_dir_all(&folder)?;
    let peer = root().join("bench/peers/centrifuge-js");
    npm_ci(&peer, progress).await?;
    progress.step("bundling the scripts");
    let bundled = peer.join("node_modules/.cache/centrifuge-js.js");
    let mut bundle = Command::new("npm");
    let outfile = format!("--outfile={}", bundled.display());
    bundle.current_dir(&peer).args(["run", "build", "--", &outfile]);
    run("esbuild", bundle, WORK).await.context("cannot bundle the page on centrifuge-js")?;
    let browser = root().join("bench/browser");
    let mut pack = Command::new("node");
    pack.arg(browser.join("pack.mjs"))
        .arg(&folder)
        .arg(root().join("widget/dist/roll-call.js"))
        .arg(browser.join("bare.js"))
        .arg(bundled)
        .arg(root().join("widget/dist").join(PEOPLE));
    run("pack", pack, WORK).await.context("cannot pack the scripts")?;
    let library = fs::read_to_string(peer.join("node_modules/centrifuge/package.json"))?;
    let library: Value = serde_json::from_str(&library)?;
    let library = format!("centrifuge {}", library["version"].as_str().unwrap_or("unknown"));
    let read = |name: &str, version: String| {
        let path = folder.join(name);
        let bytes = fs::read(&path)?.len();
        let gzipped = fs::read(path.with_added_extension("gz"))?;
        Ok::<_, std::io::Error>(Script { version, bytes, gzipped, beside: None })
    };
    let people = fs::read(folder.join(PEOPLE).with_added_extension("gz"))?;
    let ours = first_line("git".as_ref(), &["describe", "--always", "--dirty"]);
    Ok([
        Script { beside: Some((PEOPLE, people)), ..read("roll-call.js", ours)? },
        read("bare.js", "no library".to_owned())?,
        read("centrifuge-js.js", library)?,
    ])
}
