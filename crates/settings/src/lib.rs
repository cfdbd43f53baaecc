#![doc = include_str!("../README.md")]

use std::fmt;
use std::str::FromStr;

/// Reads variables by name and remembers what is wrong with them.
pub struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// A reader over `lookup`, which gives the text of a variable, or `None` where it is not set.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// The text of a variable as it is: an empty one is `Some("")`.
    pub fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    /// The value of a variable; `None` where it is not set, empty or wrong (which is remembered).
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(name).filter(|text| !text.is_empty())?;
        parse(&text).map_err(|message| self.problem(name, message)).ok()
    }

    /// The value of a variable that must be set; `example` shows the operator what belongs there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.text(name).is_none_or(|text| text.is_empty()) {
            self.problem(name, format!("is required, e.g. {example}"));
            return None;
        }
        self.optional(name, parse)
    }

    /// Remembers a problem that shows only when several variables are seen together.
    pub fn problem(&mut self, name: &'static str, message: impl Into<String>) {
        self.problems.push(Problem { name, message: message.into() });
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Every problem met on the way, or that `value` is missing because of one.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Problems(self.problems)),
        }
    }
}

/// A lookup over pairs of name and text, in the place of the environment.
pub fn from_pairs<N: AsRef<str>, T: AsRef<str>>(
    pairs: &[(N, T)],
) -> impl Fn(&str) -> Option<String> + '_ {
    move |name| {
        let found = pairs.iter().find(|(known, _)| known.as_ref() == name);
        found.map(|(_, text)| text.as_ref().to_owned())
    }
}

/// Parser of a whole number from `least` to `most`, both included.
pub fn whole_number<T: FromStr + PartialOrd + fmt::Display>(
    least: T,
    most: T,
) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| match text.parse::<T>() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => Err(format!("must be a whole number from {least} to {most}")),
    }
}

/// Parser of any text.
pub fn any_text(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

#[derive(Debug)]
struct Problem {
    name: &'static str,
    message: String,
}

/// Everything that is wrong, as one line: `wrong configuration: NAME must be …; OTHER is required, …`.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Each as a line of its own, without a common beginning: `NAME must be …`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.each().map(|(name, message)| format!("{name} {message}"))
    }

    /// The name of each wrong variable, and what is wrong: `must be …`.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|Problem { name, message }| (*name, message.as_str()))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrong configuration")?;
        for (index, Problem { name, message }) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { ": " } else { "; " })?;
            write!(f, "{name} {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLES: [(&str, &str); 3] = [("GOOD", "7"), ("WRONG", "secret"), ("EMPTY", "")];

    #[test]
    fn every_problem_is_told_at_once_and_no_value() {
        let lookup = from_pairs(&VARIABLES);
        let mut reader = Reader::new(&lookup);
        assert_eq!(reader.optional("GOOD", whole_number(0, 9)), Some(7));
        assert_eq!(reader.optional("WRONG", whole_number(0, 9)), None);
        assert_eq!(reader.required("ABSENT", "a,b", any_text), None);
        let problems = reader.finish(None::<()>).unwrap_err();
        let lines: Vec<String> = problems.lines().collect();
        assert_eq!(
            lines,
            ["WRONG must be a whole number from 0 to 9", "ABSENT is required, e.g. a,b"]
        );
        assert_eq!(
            problems.to_string(),
            "wrong configuration: WRONG must be a whole number from 0 to 9; \
             ABSENT is required, e.g. a,b"
        );
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let lookup = from_pairs(&VARIABLES);
        let mut reader = Reader::new(&lookup);
        assert_eq!(reader.optional("EMPTY", any_text), None);
        assert_eq!(reader.text("EMPTY").as_deref(), Some(""));
        assert_eq!(reader.required("EMPTY", "x", any_text), None);
        assert!(reader.finish(Some(())).is_err());
    }
}
