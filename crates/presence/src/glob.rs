//! Globs as Centrifugo reads them (github.com/gobwas/glob without separators): `*` crosses `:` and `/`.
//!
//! The grammar is that of `glob.Compile`; what it refuses is refused here, at the start, since Centrifugo answers a bad
//! glob with error 100, which looks like a passing fault.

use std::collections::BTreeSet;

use regex_lite::Regex;

/// A comma list of channels or user ids and of patterns for several. Thousands of literals cost no more than one.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    literals: BTreeSet<String>,
    /// As written, which is how Centrifugo wants them, and to be matched here.
    patterns: Vec<(String, Matcher)>,
}

impl Globs {
    /// Reads a comma list; a comma inside braces does not split, items are trimmed, and empty ones dropped.
    ///
    /// # Errors
    /// Which item can't be read, and why, e.g. "has a bracket that is not closed, in item 2". The item itself is not
    /// quoted: it may be somebody's id.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut globs = Self::default();
        for (index, item) in split_list(list).into_iter().enumerate() {
            let glob =
                Glob::parse(item).map_err(|error| format!("{error}, in item {}", index + 1))?;
            globs.insert(glob);
        }
        Ok(globs)
    }

    /// Single globs as they are, commas included; those that can't be read stand for nothing.
    pub fn of_items<'i>(items: impl IntoIterator<Item = &'i str>) -> Self {
        let mut globs = Self::default();
        items
            .into_iter()
            .filter_map(|item| Glob::parse(item).ok())
            .for_each(|glob| globs.insert(glob));
        globs
    }

    fn insert(&mut self, glob: Glob) {
        match glob {
            Glob::Literal(literal) => {
                self.literals.insert(literal);
            }
            Glob::Pattern { source, matcher } => self.patterns.push((source, matcher)),
        }
    }

    /// The list of one literal.
    pub(crate) fn literal(literal: &str) -> Self {
        Self { literals: BTreeSet::from([literal.to_owned()]), patterns: Vec::new() }
    }

    /// Whether nothing is in the list.
    pub fn is_empty(&self) -> bool {
        self.literals.is_empty() && self.patterns.is_empty()
    }

    /// The literal that is all there is in the list.
    pub fn single(&self) -> Option<&str> {
        let mut literals = self.literals();
        let single = literals.next().filter(|_| self.patterns.is_empty());
        single.filter(|_| literals.next().is_none())
    }

    /// The items without wildcards, escapes taken away.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.literals.iter().map(String::as_str)
    }

    /// The items with wildcards, as written.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(|(source, _)| source.as_str())
    }

    /// Whether `text` as a whole is one of the literals, or what one of the patterns stands for.
    pub fn matches(&self, text: &str) -> bool {
        self.literals.contains(text)
            || self.patterns.iter().any(|(_, matcher)| matcher.matches(text))
    }
}

/// A channel or user id, or a pattern for several.
#[derive(Debug, Clone)]
enum Glob {
    /// A pattern without wildcards: exactly this text (escapes taken away).
    Literal(String),
    /// A pattern with wildcards.
    Pattern {
        /// As written, which is how Centrifugo wants it.
        source: String,
        /// The same, to be matched here.
        matcher: Matcher,
    },
}

/// What a pattern stands for.
#[derive(Debug, Clone)]
enum Matcher {
    /// All that begins so: `room:*`, which nearly all patterns are and which is asked of thousands of channels.
    Prefix(String),
    Regex(Regex),
}

impl Matcher {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

impl Glob {
    /// Reads a glob: `*`, `?`, `[ab]`, `[a-c]`, `[!ab]`, `{a,b}`, and `\` before a character that is to stand for itself.
    ///
    /// # Errors
    /// Where a brace or bracket is not closed, a class is empty or mixes a range with characters, or a `\` ends the text.
    fn parse(source: &str) -> Result<Self, &'static str> {
        if let Some(prefix) = source.strip_suffix('*')
            && !prefix.contains(['*', '?', '[', '{', '\\'])
        {
            let matcher = Matcher::Prefix(prefix.to_owned());
            return Ok(Self::Pattern { source: source.to_owned(), matcher });
        }
        let mut regex = String::from("(?s)^");
        let mut literal = Some(String::new());
        let mut braces = 0_usize;
        let mut characters = source.chars();
        while let Some(character) = characters.next() {
            let plain = match character {
                '\\' => Some(characters.next().ok_or("ends with a single backslash")?),
                ',' | '}' if braces > 0 => None,
                '*' | '?' | '[' | '{' => None,
                other => Some(other),
            };
            if let Some(plain) = plain {
                regex.push_str(&regex_lite::escape(plain.encode_utf8(&mut [0; 4])));
                if let Some(literal) = &mut literal {
                    literal.push(plain);
                }
                continue;
            }
            literal = None;
            match character {
                '*' => regex.push_str(".*"),
                '?' => regex.push('.'),
                '[' => regex.push_str(&class(&mut characters)?),
                '{' => {
                    braces += 1;
                    regex.push_str("(?:");
                }
                ',' => regex.push('|'),
                _ => {
                    braces -= 1;
                    regex.push(')');
                }
            }
        }
        if braces > 0 {
            return Err("has a brace that is not closed");
        }
        if let Some(literal) = literal {
            return Ok(Self::Literal(literal));
        }
        regex.push('$');
        let regex = Regex::new(&regex).map_err(|_| "is too long or too deeply nested")?;
        Ok(Self::Pattern { source: source.to_owned(), matcher: Matcher::Regex(regex) })
    }
}

/// The rest of a character class after its `[`, as a regex: one range `a-c`, or a list of characters.
fn class(characters: &mut std::str::Chars<'_>) -> Result<String, &'static str> {
    const OPEN: &str = "has a bracket that is not closed";
    let mut regex = String::from("[");
    if characters.as_str().starts_with('!') {
        characters.next();
        regex.push('^');
    }
    let mut ahead = characters.clone();
    if let (Some(low), Some('-')) = (ahead.next(), ahead.next()) {
        let high = ahead.next().ok_or(OPEN)?;
        if ahead.next() != Some(']') {
            return Err("mixes a range with characters in one class");
        }
        if low > high {
            return Err("has a character range whose end comes before its start");
        }
        *characters = ahead;
        push_class_member(&mut regex, low);
        regex.push('-');
        push_class_member(&mut regex, high);
    } else {
        let open = regex.len();
        loop {
            match characters.next().ok_or(OPEN)? {
                ']' => break,
                '\\' => push_class_member(&mut regex, characters.next().ok_or(OPEN)?),
                member => push_class_member(&mut regex, member),
            }
        }
        if regex.len() == open {
            return Err("has an empty character class");
        }
    }
    regex.push(']');
    Ok(regex)
}

/// Any character may stand in a class by its code point; that needs no table of what is special there.
fn push_class_member(regex: &mut String, member: char) {
    regex.push_str(&format!("\\x{{{:x}}}", u32::from(member)));
}

/// Splits a comma list; a comma inside braces or after a backslash does not split. Items are trimmed, empty ones dropped.
fn split_list(list: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut start, mut braces, mut escaped) = (0, 0_usize, false);
    for (index, character) in list.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            ',' if braces == 0 => {
                items.push(&list[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    items.push(&list[start..]);
    items.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_centrifugo_does() {
        for (glob, matched, not_matched) in [
            ("room:*", "room:a:b/c", "site:main"),
            ("*main", "presence:site:main", "main:x"),
            ("room:?", "room:ü", "room:ab"),
            ("room:[ab]", "room:b", "room:c"),
            ("room:[a-c]", "room:b", "room:-"),
            ("room:[!ab]", "room:c", "room:a"),
            ("room:[a\\]^]", "room:]", "room:b"),
            ("{site,room:{a,b*}}", "room:bcd", "room:c"),
            ("room:{,x}", "room:", "room:y"),
            ("a.c*", "a.cd", "abcd"),
            ("room:*", "room:with\nnewline", "rooms:"),
        ] {
            let parsed = Globs::parse(glob).unwrap();
            assert_eq!(parsed.patterns().collect::<Vec<_>>(), [glob]);
            assert!(parsed.matches(matched), "{glob} {matched}");
            assert!(!parsed.matches(not_matched), "{glob} {not_matched}");
        }
    }

    #[test]
    fn without_wildcards_it_is_a_literal() {
        for (glob, literal) in
            [("site:main", "site:main"), (r"room:\{a\}", "room:{a}"), ("a,b", "a,b"), ("a}", "a}")]
        {
            match Glob::parse(glob).unwrap() {
                Glob::Literal(text) => assert_eq!(text, literal),
                other => unreachable!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_comma_in_braces_does_not_split() {
        assert_eq!(
            split_list(r"site:main, room:{a,b}*,,x\,y "),
            ["site:main", "room:{a,b}*", r"x\,y"]
        );
        assert!(split_list("").is_empty());
    }
}
