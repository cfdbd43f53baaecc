//! Compresses the widget's files once, as well as can be: it takes seconds, which a start has not.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use widget_files::FILES;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut code = "&[\n".to_owned();
    for (index, file) in FILES.iter().enumerate() {
        let br = write(&folder, &format!("{index}.br"), br(file.bytes)?, file.bytes)?;
        let gzip = write(&folder, &format!("{index}.gz"), gzip(file.bytes)?, file.bytes)?;
        code += &format!("    Compressed {{ br: {br}, gzip: {gzip} }},\n");
    }
    fs::write(folder.join("compressed.rs"), code + "]\n")?;
    Ok(())
}

fn br(mut bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut compressed = Vec::new();
    let best = BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut bytes, &mut compressed, &best)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Writes what was compressed, unless it is no smaller, and gives the code of it.
fn write(
    folder: &Path,
    name: &str,
    compressed: Vec<u8>,
    plain: &[u8],
) -> Result<String, Box<dyn Error>> {
    if compressed.len() >= plain.len() {
        return Ok("None".to_owned());
    }
    let path = folder.join(name);
    fs::write(&path, compressed)?;
    Ok(format!("Some(include_bytes!({:?}))", path.display().to_string()))
}
