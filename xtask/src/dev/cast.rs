//! Who comes and goes, and when.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Names as a real site has them.
const NAMES: [&str; 20] = [
    "Ada Okafor",
    "Jürgen Weiß",
    "李小龍",
    "A guest",
    "دينا خليل",
    "Sam Hidden",
    "Zoë Castro",
    "佐藤 さくら",
    "יעל כהן",
    "Nguyễn Thị Hoa",
    "Aroha Ngata",
    "A guest",
    "Сергей Волков",
    "प्रिया शर्मा",
    "Siobhán O’Neill",
    "김민준",
    "Fatoumata Diallo",
    "Maria José da Silva e Albuquerque",
    "Łukasz Żak",
    "مهسا رضایی",
];

/// One simulated person.
#[derive(Debug)]
pub(crate) struct Person {
    /// The user id; a guest has none, and comes without a token.
    pub(crate) user: Option<String>,
    /// The token's `info`.
    pub(crate) info: Value,
    /// How many tabs are open at once.
    pub(crate) n_tabs: usize,
    /// For a rhythm of one's own.
    index: usize,
}

impl Person {
    /// The person at a place of the cast; beyond the list of names they are numbered.
    pub(crate) fn new(index: usize, site_url: &str) -> Self {
        let name = match NAMES.get(index) {
            Some(name) => (*name).to_owned(),
            None => format!("Visitor {}", index + 1),
        };
        let mut info = json!({
            "name": name,
            "avatar": format!("{site_url}/avatars/{}.svg", utf8_percent_encode(&name, NON_ALPHANUMERIC)),
        });
        if name == "Sam Hidden" {
            info["hidden"] = Value::Bool(true);
        }
        let user = (name != "A guest").then(|| (index + 1).to_string());
        Self { user, info, n_tabs: if index == 1 { 2 } else { 1 }, index }
    }

    /// Whether the person is there at a roll call. Everybody has a cycle of 6 to 12 roll calls and
    /// is there for two thirds of it.
    pub(crate) fn is_there(&self, roll_call: usize) -> bool {
        let cycle = 6 + self.index * 5 % 7;
        (roll_call + self.index * 3) % cycle < cycle * 2 / 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast(n_people: usize) -> Vec<Person> {
        (0..n_people).map(|index| Person::new(index, "http://127.0.0.1:1")).collect()
    }

    #[test]
    fn something_happens_all_the_time() {
        let cast = cast(8);
        let there = |roll_call| -> Vec<bool> {
            cast.iter().map(|person| person.is_there(roll_call)).collect()
        };
        for start in 0..200 {
            assert!((start..start + 2).any(|call| there(call) != there(call + 1)), "at {start}");
            let n_there = there(start).into_iter().filter(|there| *there).count();
            assert!(n_there >= 2, "{n_there} at {start}");
        }
        for person in &cast {
            assert!((0..12).any(|call| person.is_there(call)));
            assert!((0..12).any(|call| !person.is_there(call)));
        }
    }

    #[test]
    fn the_first_eight_are_of_every_kind() {
        let cast = cast(8);
        let n = |test: fn(&Person) -> bool| cast.iter().filter(|person| test(person)).count();
        assert_eq!(n(|person| person.user.is_none()), 1);
        assert_eq!(n(|person| person.info["hidden"] == true), 1);
        assert_eq!(n(|person| person.n_tabs == 2), 1);
        assert_eq!(
            cast[2].info["avatar"],
            "http://127.0.0.1:1/avatars/%E6%9D%8E%E5%B0%8F%E9%BE%8D.svg"
        );
    }
}
