//! Packs the committed files of the widget and its demo page into the program, whatever they are called.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders whose files stand at the root of the site.
const FOLDERS: [&str; 2] = ["../../widget/dist", DEMO];
const DEMO: &str = "../../widget/demo";

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    for folder in FOLDERS {
        let folder = package.join(folder).canonicalize()?;
        // Cargo looks at all files below a folder, new ones included.
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(&folder, &mut files)?;
    }
    files.sort();
    if let Some(twice) = files.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!("dist and demo both have a file {}", twice[0].0).into());
    }
    let demo = package.join(DEMO).canonicalize()?;
    let entries = files.iter().map(|(name, path)| {
        let is_demo = path.starts_with(&demo);
        let path = path.display().to_string();
        format!(
            "    File {{ name: {name:?}, bytes: include_bytes!({path:?}), is_demo: {is_demo} }},\n"
        )
    });
    let code = format!("&[\n{}]\n", entries.collect::<String>());
    fs::write(Path::new(&std::env::var("OUT_DIR")?).join("files.rs"), code)?;
    Ok(())
}

/// The files of `folder`, by their names. What lies deeper is for compilers and editors, from npm: no page loads it.
fn collect(folder: &Path, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            let name = path.file_name().and_then(|name| name.to_str());
            files.push((name.ok_or("a name that is not UTF-8")?.to_owned(), path));
        }
    }
    Ok(())
}
