//! Avatars that need no network.

/// Draws a name as a coloured disc with its initials.
pub(crate) fn svg(name: &str) -> String {
    let hue = name.bytes().fold(7_u32, |hash, byte| (hash * 31 + u32::from(byte)) % 360);
    let initials = escape(&initials(name));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">
<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl({hue} 62% 58%)"/><stop offset="1" stop-color="hsl({} 58% 42%)"/></linearGradient></defs>
<circle cx="32" cy="32" r="32" fill="url(#g)"/>
<text x="32" y="33" fill="#fff" font-family="system-ui,sans-serif" font-size="25" font-weight="600" text-anchor="middle" dominant-baseline="central">{initials}</text>
</svg>
"##,
        (hue + 40) % 360
    )
}

/// The first letters of the first and the last word. A script without capitals gives one letter.
fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().next());
    let Some(first) = letters.next() else { return "?".to_owned() };
    let first: String = first.to_uppercase().collect();
    match letters.next_back().filter(|last| last.is_uppercase()) {
        Some(last) => format!("{first}{last}"),
        None => first,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{initials, svg};

    #[test]
    fn initials_are_first_and_last() {
        assert_eq!(initials("Ann"), "A");
        assert_eq!(initials("Ada King Lovelace"), "AL");
        assert_eq!(initials("李小龍"), "李");
        assert_eq!(initials("دينا خليل"), "د");
        assert_eq!(initials("  "), "?");
    }

    #[test]
    fn a_name_is_text_and_no_markup() {
        assert!(svg("<script>").contains("&lt;"));
        assert!(!svg("<script> \"&").contains("<script"));
    }
}
