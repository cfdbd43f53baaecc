//! Charts for the documents: bars that lie, readable on light and on dark pages.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::results::Results;

/// A group of bars that are compared with each other.
struct Group {
    title: String,
    /// Name and figure; the longest bar is the greatest figure of the group.
    bars: Vec<(String, f64)>,
    unit: &'static str,
}

const WIDTH: f64 = 720.0;
/// Where bars begin, and the longest one.
const LEFT: f64 = 110.0;
const LONGEST: f64 = 480.0;
const ROW: f64 = 22.0;

/// Bars of ours are in colour; text takes the page's side.
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#24292f}\
    .title{font-weight:600}.other{fill:#8c959f}.ours{fill:#1a7f64}\
    @media(prefers-color-scheme:dark){text{fill:#e6edf3}.other{fill:#6e7681}.ours{fill:#3fb68b}}";

/// Writes a chart for each kind of figure that there is.
pub(crate) fn write(results: &Results, folder: &Path) -> Result<()> {
    let of_collector = |unit, figure: fn(&super::results::Figures) -> f64| {
        let group = |case: &super::results::CaseResult| Group {
            title: case.name.clone(),
            bars: case
                .sides
                .iter()
                .filter_map(|side| Some((side.name.clone(), figure(&side.figures?))))
                .collect(),
            unit,
        };
        results.collector.iter().map(group).collect::<Vec<_>>()
    };
    let of_snapshot = |unit, figure: fn(&super::results::SnapshotResult) -> Option<f64>| {
        let group = |case: &'static str| Group {
            title: case.to_owned(),
            bars: results
                .snapshot
                .iter()
                .filter(|result| result.case == case)
                .filter_map(|result| Some((result.name.clone(), figure(result)?)))
                .collect(),
            unit,
        };
        super::snapshot::GROUPS.map(group).into_iter().collect::<Vec<_>>()
    };
    let of_element = |unit, figure: fn(&super::results::ElementResult) -> Option<f64>| {
        let bars = results.element.iter();
        let bars = bars.filter_map(|page| Some((page.name.clone(), figure(page)?))).collect();
        vec![Group { title: super::element::GROUP.to_owned(), bars, unit }]
    };
    let charts = [
        ("bench-collector-wall", "A roll call, wall", of_collector("ms", |f| f.wall_ms.median)),
        ("bench-collector-cpu", "A roll call, CPU", of_collector("ms", |f| f.cpu_ms.median)),
        (
            "bench-collector-memory",
            "A roll call, peak memory",
            of_collector("MB", |f| f.peak_bytes.median / 1024.0 / 1024.0),
        ),
        (
            "bench-collector-dollars",
            "A roll call a minute in AWS Lambda",
            of_collector("$ a month", |f| f.dollars),
        ),
        (
            "bench-snapshot-latency",
            "A warm request, median",
            of_snapshot("µs", |result| result.latency_us.map(|latency| latency.median)),
        ),
        (
            "bench-snapshot-cpu",
            "A warm request, CPU",
            of_snapshot("µs", |result| result.cpu_us.map(|cpu| cpu.median)),
        ),
        (
            "bench-element-first",
            "The first number, far from the server",
            of_element("ms", |page| page.first_ms.map(|first| first.median)),
        ),
        (
            "bench-element-bytes",
            "The script of a page, gzipped",
            of_element("bytes", |page| Some(page.gzipped_bytes as f64)),
        ),
    ];
    fs::create_dir_all(folder)?;
    for (name, title, groups) in charts {
        let groups: Vec<Group> =
            groups.into_iter().filter(|group| !group.bars.is_empty()).collect();
        if !groups.is_empty() {
            fs::write(folder.join(name).with_extension("svg"), svg(title, &groups))?;
        }
    }
    Ok(())
}

fn svg(title: &str, groups: &[Group]) -> String {
    let mut body = String::new();
    let mut y = 24.0;
    let _ = write!(body, r#"<text class="title" x="0" y="{y}">{}</text>"#, escaped(title));
    for Group { title, bars, unit } in groups {
        y += 1.6 * ROW;
        let _ = write!(body, r#"<text x="0" y="{y}">{}</text>"#, escaped(title));
        let most = bars.iter().map(|(_, figure)| *figure).fold(f64::MIN_POSITIVE, f64::max);
        for (name, figure) in bars {
            y += ROW;
            let length = (figure / most * LONGEST).max(1.0);
            let class = if matches!(name.as_str(), "collector" | "snapshot" | "roll-call") {
                "ours"
            } else {
                "other"
            };
            let _ = write!(
                body,
                "\n<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>\
                 <rect class=\"{class}\" x=\"{LEFT}\" y=\"{}\" width=\"{length:.1}\" height=\"15\" rx=\"2\"/>\
                 <text x=\"{:.1}\" y=\"{y}\">{} {}</text>",
                LEFT - 8.0,
                escaped(name),
                y - 12.0,
                LEFT + length + 6.0,
                rounded(*figure),
                escaped(unit)
            );
        }
    }
    let height = y + 16.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\"><title>{}</title><style>{STYLE}</style>\n{body}\n</svg>\n",
        escaped(title)
    )
}

/// Three digits say enough.
fn rounded(figure: f64) -> String {
    match figure {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_the_greatest_figure() {
        let bars = vec![("collector".to_owned(), 5.0), ("a <b> & c".to_owned(), 20.0)];
        let svg = svg("Wall", &[Group { title: "case".to_owned(), bars, unit: "ms" }]);
        assert!(svg.contains(r#"class="ours" x="110" y="69.2" width="120.0""#), "{svg}");
        assert!(svg.contains(r#"class="other" x="110" y="91.2" width="480.0""#), "{svg}");
        assert!(svg.contains("a &lt;b&gt; &amp; c") && svg.contains("5.00 ms"), "{svg}");
        assert!(svg.contains("prefers-color-scheme:dark"));
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!([1234.5, 12.34, 0.016].map(rounded), ["1234", "12.3", "0.02"]);
    }
}
