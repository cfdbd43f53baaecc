//! What is said at the end.

use std::fmt::Write as _;

use super::results::{CaseResult, Results};

const MB: f64 = 1024.0 * 1024.0;

/// All of it, for a terminal.
pub(crate) fn text(results: &Results) -> String {
    let machine = &results.machine;
    let mut text = format!(
        "\n{}, {} cores, {} GB, Linux {} {}, commit {}\n",
        machine.cpu,
        machine.cores,
        machine.memory_gb,
        machine.kernel,
        machine.architecture,
        machine.commit
    );
    if let Some(case) = results.collector.first() {
        for side in &case.sides {
            let _ = writeln!(text, "{:<10} {} ({})", side.name, side.version, side.command);
        }
    }
    for left_out in &results.left_out {
        let _ = writeln!(text, "left out: {left_out}");
    }
    for case in &results.collector {
        collector(&mut text, case);
    }
    scale(&mut text, results);
    snapshot(&mut text, results);
    serve(&mut text, results);
    element(&mut text, results);
    bars(&mut text, results);
    text
}

fn collector(text: &mut String, case: &CaseResult) {
    let megabytes = case.answer_bytes as f64 / MB;
    let _ = writeln!(
        text,
        "\n=== {} ({} rounds, answers of {megabytes:.1} MB)",
        case.name, case.rounds
    );
    let _ = writeln!(
        text,
        "{:<10} {:>10} {:>19} {:>10} {:>19} {:>9} {:>9}",
        "", "wall ms", "range", "CPU ms", "range", "peak MB", "$ a month"
    );
    for side in &case.sides {
        let Some(figures) = side.figures else {
            let why = side.void.as_deref().unwrap_or("no round");
            let _ = writeln!(text, "{:<10} void: {why}", side.name);
            continue;
        };
        let (wall, cpu) = (figures.wall_ms, figures.cpu_ms);
        let range = |summary: super::statistics::Summary| {
            format!("{:.1} to {:.1}", summary.least, summary.most)
        };
        let _ = writeln!(
            text,
            "{:<10} {:>10.1} {:>19} {:>10.1} {:>19} {:>9.1} {:>9.2}",
            side.name,
            wall.median,
            range(wall),
            cpu.median,
            range(cpu),
            figures.peak_bytes.median / MB,
            figures.dollars
        );
    }
}

fn scale(text: &mut String, results: &Results) {
    if let Some(plan) = &results.plan {
        let (wall, cpu) = (plan.wall_ms, plan.cpu_ms);
        let _ = writeln!(
            text,
            "\n=== scale/plan ({} channels, {} shards)\n\
             the first:  {:.0} ms, peak {:.0} MB\n\
             later ones: {:.0} ms ({:.0} to {:.0}), CPU {:.0} ms, peak {:.0} MB",
            plan.channels,
            plan.shards,
            plan.first_ms,
            plan.first_peak_bytes as f64 / MB,
            wall.median,
            wall.least,
            wall.most,
            cpu.median,
            plan.peak_bytes as f64 / MB
        );
    }
    if let Some(shards) = &results.shards {
        let one = shards.of_one_ms;
        let _ = writeln!(
            text,
            "\n=== scale/shards ({} of {} channels, {} collectors side by side)\n\
             {:.1} s, {:.0} channels/s; a shard {:.0} ms ({:.0} to {:.0}); CPU {:.1} s; \
             peak {:.0} MB; Redis holds {:.0} MB",
            shards.shards,
            shards.channels / shards.shards,
            shards.collectors,
            shards.wall_ms / 1000.0,
            shards.channels as f64 / shards.wall_ms * 1000.0,
            one.median,
            one.least,
            one.most,
            shards.cpu_ms / 1000.0,
            shards.peak_bytes as f64 / MB,
            shards.redis_bytes as f64 / MB
        );
    }
}

fn snapshot(text: &mut String, results: &Results) {
    if !results.ready_ms.is_empty() {
        let _ = writeln!(text, "\n=== start to ready, ms");
    }
    for (name, ready) in &results.ready_ms {
        let (median, least, most) = (ready.median, ready.least, ready.most);
        let _ = writeln!(text, "{name:<10} {median:>8.2} ({least:.2} to {most:.2})");
    }
    let mut case = "";
    for result in &results.snapshot {
        if result.case != case {
            case = &result.case;
            let _ = writeln!(text, "\n=== {case}, µs a request");
            let _ =
                writeln!(text, "{:<10} {:>8} {:>8} {:>8} {:>8}", "", "p50", "least", "p99", "CPU");
        }
        match (result.latency_us, result.cpu_us) {
            (Some(latency), Some(cpu)) => {
                let (p50, least, p99) = (latency.median, latency.least, latency.most);
                let _ = writeln!(
                    text,
                    "{:<10} {p50:>8.0} {least:>8.0} {p99:>8.0} {:>8.0}",
                    result.name, cpu.median
                );
            }
            _ => {
                let why = result.void.as_deref().unwrap_or("no request");
                let _ = writeln!(text, "{:<10} void: {why}", result.name);
            }
        }
    }
}

fn serve(text: &mut String, results: &Results) {
    let Some(serve) = &results.serve else { return };
    let (ready, idle) = (serve.ready_ms, serve.idle_mb);
    let _ = writeln!(
        text,
        "\n=== rollcall serve\n\
         start to ready: {:.1} ms ({:.1} to {:.1})\n\
         memory at rest: {:.1} MB ({:.1} to {:.1})",
        ready.median, ready.least, ready.most, idle.median, idle.least, idle.most
    );
}

fn element(text: &mut String, results: &Results) {
    let Some(page) = results.element.first() else { return };
    let _ = writeln!(
        text,
        "\n=== element, far from its server ({} visits each, {})",
        page.visits, results.browser
    );
    for page in &results.element {
        let _ = writeln!(text, "{:<13} {}", page.name, page.version);
    }
    let _ = writeln!(
        text,
        "{:<13} {:>8} {:>8} {:>9} {:>18} {:>6}",
        "", "script B", "gzipped", "number ms", "range", "shift"
    );
    for page in &results.element {
        let (bytes, gzipped) = (page.script_bytes, page.gzipped_bytes);
        let _ = write!(text, "{:<13} {bytes:>8} {gzipped:>8} ", page.name);
        let _ = match (page.first_ms, page.shift) {
            (Some(first), Some(shift)) => {
                let range = format!("{:.1} to {:.1}", first.least, first.most);
                writeln!(text, "{:>9.1} {range:>18} {shift:>6.3}", first.median)
            }
            _ => writeln!(text, "void: {}", page.void.as_deref().unwrap_or("no visit")),
        };
    }
}

fn bars(text: &mut String, results: &Results) {
    let _ = writeln!(text, "\n=== bars");
    for bar in &results.bars {
        let figure =
            bar.figure.map_or_else(|| "not measured".to_owned(), |figure| format!("{figure:.2}"));
        let verdict = match bar.holds() {
            Some(true) => "holds",
            Some(false) => "does not hold",
            None => "",
        };
        let limit = if bar.is_at_most { "at most" } else { "at least" };
        let _ = writeln!(
            text,
            "{:<44} {limit:>8} {:>6} {:<12} {figure:>12}  {verdict}",
            bar.what, bar.limit, bar.unit
        );
    }
    let held = results.bars.iter().filter(|bar| bar.holds() == Some(true)).count();
    let measured = results.bars.iter().filter(|bar| bar.figure.is_some()).count();
    let _ = write!(text, "{held} of {measured} measured bars hold");
}
