//! The steps of the widget.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use harness::tools::npm_ci;

use super::Outcome;
use super::counts::Counts;
use super::stream;
use crate::output::Progress;

type Files = BTreeMap<String, Vec<u8>>;

/// Builds anew and compares with what is there, which is what is committed.
pub(crate) async fn dist() -> Result<Outcome> {
    let widget = harness::root().join("widget");
    let dist = widget.join("dist");
    npm_ci(&widget, &Progress::plain()).await?;
    let committed = files(&dist)?;
    stream::check("dist", npm(&widget, &["run", "build"])).await?;
    let changed = changed(&committed, &files(&dist)?);
    if !changed.is_empty() {
        bail!(
            "widget/dist is not what its source builds; it is built anew now, please commit it: {}",
            changed.join(", ")
        );
    }
    Ok(Outcome::Passed)
}

pub(crate) async fn test() -> Result<Outcome> {
    let widget = harness::root().join("widget");
    npm_ci(&widget, &Progress::plain()).await?;
    stream::tests("widget", npm(&widget, &["test"]), Counts::of_node).await
}

fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder).args(arguments);
    command
}

/// The files below a folder, by their path from there. A folder that is not there has none.
fn files(folder: &Path) -> Result<Files> {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            found.insert(name, bytes);
        }
    }
    Ok(found)
}

/// The names of files that are not the same in both, or not in both.
fn changed(before: &Files, after: &Files) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::{Files, changed};

    #[test]
    fn added_removed_and_changed_files_are_named() {
        let files = |list: &[(&str, &str)]| -> Files {
            list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let before = files(&[("a.js", "1"), ("b.js", "1"), ("c.js", "1")]);
        let after = files(&[("b.js", "2"), ("c.js", "1"), ("d.js", "1")]);
        assert_eq!(changed(&before, &after), ["a.js", "b.js", "d.js"]);
        assert!(changed(&after, &after).is_empty());
    }
}
