//! Where it is written.

use serde::Serialize;

/// A place in the documents: a file of the repository, and a heading in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct See(&'static str);

impl See {
    pub(super) const API: Self = Self("docs/CENTRIFUGO.md#where-the-api-is");
    pub(super) const CONFIGURATION: Self = Self("docs/CENTRIFUGO.md#a-configuration-complete");
    pub(super) const GUESTS: Self = Self("docs/CENTRIFUGO.md#guests");
    pub(super) const PRIVATE_CHANNELS: Self = Self("docs/CENTRIFUGO.md#private-channels");
    pub(super) const REDIS: Self = Self("docs/SELF-HOST.md#redis");
    pub(super) const SERVE: Self = Self("server/README.md#rollcall");
    pub(super) const VARIABLES: Self = Self("README.md#configuration");
    pub(super) const VERSION: Self = Self("docs/CENTRIFUGO.md#centrifugo");
    pub(super) const WEBHOOK: Self = Self("docs/events/README.md#by-webhook");

    pub(super) fn place(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    /// As GitHub makes it of a heading.
    fn anchor(heading: &str) -> String {
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
        kept.collect::<String>().replace(' ', "-")
    }

    #[test]
    fn each_place_exists() {
        let source = include_str!("see.rs").split("#[cfg(test)]").next().unwrap();
        let places: Vec<(&str, &str)> = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub(super) const ")?.split('"').nth(1))
            .map(|place| place.split_once('#').unwrap())
            .collect();
        assert_eq!(places.len(), source.matches("const").count(), "{places:?}");
        for (file, wanted) in places {
            let text = fs::read_to_string(harness::root().join(file)).unwrap();
            let headings = text.lines().filter(|line| line.starts_with('#'));
            let mut anchors = headings.map(|line| anchor(line.trim_start_matches('#')));
            assert!(anchors.any(|anchor| anchor == wanted), "{file} has no #{wanted}");
        }
    }
}
