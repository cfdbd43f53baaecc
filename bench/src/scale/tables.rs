//! The arithmetic as tables in Markdown.

use std::fmt::Write as _;

use super::{Crowd, Minute};

const PEOPLE: [u64; 4] = [1000, 100_000, 1_000_000, 10_000_000];
const CHANNELS: [u64; 3] = [1, 1000, 1_000_000];

/// What a column shows of a minute.
type Column = (&'static str, fn(&Minute) -> String);

/// What is asked and moved, and what that costs.
pub fn markdown() -> String {
    let moved: [Column; 7] = [
        ("runs", |minute| count(minute.invocations)),
        ("requests to Centrifugo", |minute| count(minute.requests)),
        ("its answers", |minute| bytes(minute.answer_bytes)),
        ("commands to Redis", |minute| count(minute.commands)),
        ("to Redis", |minute| bytes(minute.to_redis)),
        ("from Redis", |minute| bytes(minute.from_redis)),
        ("to viewers", |minute| bytes(minute.viewer_bytes)),
    ];
    let paid: [Column; 6] = [
        ("Lambda seconds", |minute| format!("{:.1}", minute.lambda_seconds)),
        ("MB", |minute| minute.memory.to_string()),
        ("ECPU", |minute| count(minute.ecpu.round() as u64)),
        ("ECPU a second", |minute| count((minute.ecpu / 60.0).ceil() as u64)),
        ("kept in Redis", |minute| bytes(minute.kept_bytes)),
        ("dollars a month", |minute| format!("${}", count(minute.dollars.ceil() as u64))),
    ];
    format!("{}\n{}", table(&moved), table(&paid))
}

fn table(columns: &[Column]) -> String {
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    let mut table = format!("| people | channels | {} |\n", heads.join(" | "));
    let _ = writeln!(table, "|{}", "---:|".repeat(columns.len() + 2));
    for people in PEOPLE {
        // A channel without anybody is none.
        for channels in CHANNELS.into_iter().filter(|channels| *channels <= people) {
            let minute = Crowd::new(people, channels).minute();
            let cells =
                columns.iter().map(|(_, cell)| minute.as_ref().map_or("–".to_owned(), cell));
            let cells: Vec<String> = cells.collect();
            let _ = writeln!(
                table,
                "| {} | {} | {} |",
                count(people),
                count(channels),
                cells.join(" | ")
            );
        }
    }
    table
}

/// `1,234,567`
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn bytes(number: u64) -> String {
    let number = number as f64;
    match number {
        ..1e6 => format!("{:.0} KB", number / 1e3),
        ..1e9 => format!("{:.0} MB", number / 1e6),
        _ => format!("{:.1} GB", number / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_these_tables() {
        let document = include_str!("../../../docs/SCALE.md");
        let tables = markdown();
        for table in tables.split("\n\n") {
            assert!(document.contains(table.trim_end()), "docs/SCALE.md has not:\n{table}");
        }
    }

    #[test]
    fn numbers_are_as_people_read_them() {
        assert_eq!(
            ["7", "999", "1,000", "43,210", "1,234,567"],
            [7, 999, 1000, 43_210, 1_234_567].map(count)
        );
        assert_eq!(["1 KB", "2 MB", "1.5 GB"], [1000, 2_000_000, 1_500_000_000].map(bytes));
    }
}
