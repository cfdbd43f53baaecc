//! `GET /v1/presence/{channel}/badge.svg`: an image for places that can't run a script.

use std::fmt::Write as _;

use axum::body::Bytes;
use serde::Deserialize;
use store::Error;

/// Longest label, in characters.
const LABEL_MAX: usize = 64;
const DEFAULT_LABEL: &str = "online";

/// White text on any of these has a contrast of 4.5 to 1 at least (WCAG 2, level AA).
const LABEL_COLOR: &str = "#555";
const KNOWN_COLOR: &str = "#2e7d32";
const UNKNOWN_COLOR: &str = "#757575";

/// The text before the number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Label(String);

impl Label {
    /// A label that was asked for; `None` where it is too long, or where XML has no way to write it.
    pub(crate) fn new(asked: Option<String>) -> Option<Self> {
        let label = asked.unwrap_or_else(|| DEFAULT_LABEL.to_owned());
        let can_be_drawn = |character: char| {
            !character.is_control() && !('\u{fffe}'..='\u{ffff}').contains(&character)
        };
        let fits = label.chars().nth(LABEL_MAX).is_none() && label.chars().all(can_be_drawn);
        fits.then_some(Self(label))
    }
}

/// How many are present, by a counts view.
pub(crate) fn present(counts: &[u8]) -> Result<u64, Error> {
    #[derive(Deserialize)]
    struct View {
        present: u64,
    }
    serde_json::from_slice(counts).map(|View { present }| present).map_err(|_| Error::Damaged)
}

/// Draws the badge. `None` is not 0: nothing is known.
pub(crate) fn svg(Label(label): &Label, present: Option<u64>) -> Bytes {
    let (message, color) = match present {
        Some(present) => (grouped(present), KNOWN_COLOR),
        None => ("unknown".to_owned(), UNKNOWN_COLOR),
    };
    let (of_label, of_message) = (width(label), width(&message));
    let (left, right) = (padded(of_label), padded(of_message));
    let all = left + right;
    let label = escaped(label);
    let title = if label.is_empty() { message.clone() } else { format!("{label}: {message}") };
    // `textLength` makes the text as wide as its box is made for it, whatever font there is.
    let text = |start: u32, length: u32, text: &str| match length {
        0 => String::new(),
        _ => format!(
            "<text x=\"{}\" y=\"14\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\">{text}</text>",
            start + SIDE
        ),
    };
    let texts = text(0, of_label, &label) + &text(left, of_message, &message);
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" aria-label=\"{title}\">\
         <title>{title}</title>\
         <clipPath id=\"r\"><rect width=\"{all}\" height=\"20\" rx=\"3\"/></clipPath>\
         <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"20\" fill=\"{LABEL_COLOR}\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{color}\"/></g>\
         <g fill=\"#fff\" font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" font-size=\"11\">{texts}</g>\
         </svg>"
    );
    svg.into()
}

/// Empty space beside a text.
const SIDE: u32 = 6;

fn padded(text: u32) -> u32 {
    if text == 0 { 0 } else { text + 2 * SIDE }
}

/// About as wide as the text is in Verdana of 11 pixels; characters beyond Latin, Greek and Cyrillic are mostly wider.
fn width(text: &str) -> u32 {
    let character = |character: char| match character {
        ',' | '.' | ':' | ' ' | 'i' | 'j' | 'l' | 'I' | '|' | '!' | '\'' => 4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 11,
        '\0'..='\u{52f}' => 7,
        _ => 11,
    };
    text.chars().map(character).sum()
}

/// In groups of three digits: `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// As text or as an attribute of XML.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a string can't fail.
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Option<Label> {
        Label::new(Some(text.to_owned()))
    }

    fn drawn(text: &str, present: Option<u64>) -> String {
        String::from_utf8(svg(&label(text).unwrap(), present).to_vec()).unwrap()
    }

    #[test]
    fn numbers_are_grouped() {
        for (present, text) in [
            (0, "0"),
            (1, "1"),
            (999, "999"),
            (1000, "1,000"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            let svg = drawn("online", Some(present));
            assert!(svg.contains(&format!("<title>online: {text}</title>")), "{svg}");
            assert!(svg.contains(&format!(">{text}</text>")), "{svg}");
        }
        assert!(drawn("online", None).contains("<title>online: unknown</title>"));
        assert!(!drawn("online", None).contains(">0<"));
    }

    #[test]
    fn a_label_is_text_and_nothing_else() {
        let svg = drawn("</title><script>alert('\"&\")</script>", Some(1));
        assert!(!svg.contains("<script") && !svg.contains("alert('"), "{svg}");
        assert!(svg.contains("&#60;script&#62;"), "{svg}");
        assert_eq!(svg.matches("<title>").count(), 1);
        for fits in ["", "a", &"ü".repeat(64), "人がいる", "a\u{202e}b"] {
            assert!(label(fits).is_some(), "{fits:?}");
        }
        for bad in [&"ü".repeat(65), "a\0", "a\n", "\u{1b}[0m", "\u{ffff}", "\u{7f}", "\u{85}"] {
            assert!(label(bad).is_none(), "{bad:?}");
        }
        assert!(
            drawn("", Some(7)).contains("<title>7</title>"),
            "without a label the number is alone"
        );
    }

    #[test]
    fn colors_are_dark_enough_for_white_text() {
        let luminance = |color: &str| {
            let digits = color.trim_start_matches('#');
            let digits = if digits.len() == 3 {
                digits.chars().flat_map(|c| [c, c]).collect()
            } else {
                digits.to_owned()
            };
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
        };
        for color in [LABEL_COLOR, KNOWN_COLOR, UNKNOWN_COLOR] {
            let contrast = 1.05 / (luminance(color) + 0.05);
            assert!(contrast >= 4.5, "{color}: {contrast}");
        }
    }
}
