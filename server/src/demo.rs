//! The demo page of a channel.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use widget_files::File;

/// The channel that the page shows as it was built.
const BUILT_FOR: &str = "\"site:main\"";

/// The page, for another channel.
pub(crate) fn page(file: &File, channel: &str) -> Vec<u8> {
    let page = String::from_utf8_lossy(file.bytes);
    page.replace(BUILT_FOR, &format!("\"{}\"", escaped(channel))).into_bytes()
}

/// A text as it stands in an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The page once more, smaller; `None` where that can't be.
pub(crate) fn gzip(page: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(page).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use widget_files::FILES;

    #[test]
    fn every_element_of_the_page_shows_the_channel() {
        let index = FILES.iter().find(|file| file.name == "index.html").unwrap();
        let page = |channel| String::from_utf8(super::page(index, channel)).unwrap();
        let built = String::from_utf8(index.bytes.to_vec()).unwrap();
        let n_elements = built.matches("<roll-call ").count();
        let page_of_room = page("room:1");
        assert!(!page_of_room.contains("site:main"), "{page_of_room}");
        assert_eq!(page_of_room.matches("<roll-call channel=\"room:1\"").count(), n_elements);
        assert!(n_elements > 0 && page_of_room.contains("value=\"room:1\""));
        assert_eq!(page("site:main"), built);
        let strange = page("a\"><script>&");
        assert!(strange.contains("channel=\"a&quot;&gt;&lt;script&gt;&amp;\""), "{strange}");
    }
}
