#![doc = include_str!("../README.md")]

/// A file at the root of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// Its path from the root, e.g. `roll-call.js`.
    pub name: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
    /// Whether it is a part of the demo page, which nobody else needs.
    pub is_demo: bool,
}

/// `widget/dist` and `widget/demo` as they were at build time.
pub const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A name that changes with the content: never asked for again.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// A name that stays: an upgrade reaches every page within two minutes.
const SHORT: &str = "public, max-age=60, s-maxage=60, stale-while-revalidate=60";

impl File {
    /// The `Content-Type`. A module script of a wrong type is not run at all.
    pub fn content_type(&self) -> &'static str {
        let extension = self.name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "html" => "text/html; charset=utf-8",
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "json" | "map" => "application/json",
            "webmanifest" => "application/manifest+json",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "webp" => "image/webp",
            "avif" => "image/avif",
            "ico" => "image/x-icon",
            "woff2" => "font/woff2",
            "txt" | "md" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }

    /// The `Cache-Control`.
    pub fn cache_control(&self) -> &'static str {
        if has_hash(self.name) { FOR_EVER } else { SHORT }
    }
}

/// Whether a part of the name is a hash of the content, as bundlers write it: `chunk-4XQ2ZKPW.js`, `de.0f3a9c12.js`.
/// A word is none: hashes are upper-case letters and digits, or hexadecimal with a digit.
fn has_hash(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.split(['-', '.']).skip(1).any(|part| {
        let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        part.len() >= 8
            && (part.bytes().all(upper)
                || (part.bytes().all(hex) && part.bytes().any(|byte| byte.is_ascii_digit())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &'static str) -> File {
        File { name, bytes: b"", is_demo: false }
    }

    #[test]
    fn the_page_and_the_element_are_there() {
        for name in ["index.html", "roll-call.js"] {
            let file = FILES.iter().find(|file| file.name == name).unwrap();
            assert!(!file.bytes.is_empty());
            assert_eq!(file.cache_control(), SHORT, "{name}");
        }
        assert!(FILES.iter().all(|file| !file.name.ends_with(".d.ts") && !file.name.contains('/')));
        let is_demo = |name| FILES.iter().any(|file| file.name == name && file.is_demo);
        assert!(is_demo("index.html") && is_demo("demo.js") && !is_demo("roll-call.js"));
    }

    #[test]
    fn every_file_has_a_type_that_browsers_know() {
        for file in FILES {
            assert_ne!(file.content_type(), "application/octet-stream", "{}", file.name);
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for name in ["chunk-4XQ2ZKPW.js", "words/de-0f3a9c12.js", "roll-call.AB12CD34.js"] {
            assert_eq!(named(name).cache_control(), FOR_EVER, "{name}");
        }
        for name in ["roll-call-element.js", "index.html", "4XQ2ZKPW.js", "a-defaced.js"] {
            assert_eq!(named(name).cache_control(), SHORT, "{name}");
        }
    }
}
