//! The numbers that the design sets itself, each with what was found.

use super::results::{Bar, CaseResult, Figures, Results};

fn at_most(what: &str, limit: f64, unit: &'static str, figure: Option<f64>) -> Bar {
    Bar { what: what.to_owned(), limit, is_at_most: true, unit, figure }
}

fn at_least(what: &str, limit: f64, unit: &'static str, figure: Option<f64>) -> Bar {
    Bar { is_at_most: false, ..at_most(what, limit, unit, figure) }
}

const MB: f64 = 1024.0 * 1024.0;

fn wall(figures: Figures) -> f64 {
    figures.wall_ms.median
}

fn cpu(figures: Figures) -> f64 {
    figures.cpu_ms.median
}

/// All bars that this benchmark can measure.
pub(crate) fn bars(results: &Results) -> Vec<Bar> {
    let case = |name: &str| results.case(&format!("collector/{name}"));
    let ours = |name: &str| case(name)?.figures("collector");
    // How much more the collector takes than another side.
    let more = |name: &str, than: &str, of: fn(Figures) -> f64| {
        let case: &CaseResult = case(name)?;
        Some(of(case.figures("collector")?) / of(case.figures(than)?))
    };
    let faster = |name: &str, than: &str| more(name, than, wall).map(|ratio| 1.0 / ratio);
    let peak = |name: &str| Some(ours(name)?.peak_bytes.median / MB);

    let mut bars =
        vec![at_most("1 × 100,000: wall", 4.0, "× floor", more("1x100k", "floor", wall))];
    for (side, limit) in [("python", 12.0), ("go", 6.0), ("node", 6.0)] {
        let what = format!("1 × 100,000: faster than {side}");
        bars.push(at_least(&what, limit, "×", faster("1x100k", side)));
    }
    let of_answer = || {
        let case = case("1x100k")?;
        Some(case.figures("collector")?.peak_bytes.median / case.answer_bytes as f64)
    };
    bars.push(at_most("1 × 100,000: peak memory", 2.6, "× answer", of_answer()));
    for (side, limit) in [("python", 10.0), ("go", 6.0), ("node", 5.0), ("reference", 1.2)] {
        let what = format!("1 × 10,000: faster than {side}");
        bars.push(at_least(&what, limit, "×", faster("1x10k", side)));
    }
    bars.push(at_most("1 × 1,000,000: wall", 5.0, "× floor", more("1x1M", "floor", wall)));
    bars.push(at_most("1 × 1,000,000: peak memory", 1024.0, "MB", peak("1x1M")));
    for (name, words) in [("1000x10", "1,000 × 10"), ("10000x10", "10,000 × 10")] {
        let what = |rest: &str| format!("{words}: {rest}");
        bars.push(at_most(&what("wall"), 1.4, "× floor", more(name, "floor", wall)));
        bars.push(at_most(&what("CPU"), 1.0, "× reference", more(name, "reference", cpu)));
        for (side, limit) in [("go", 3.0), ("node", 3.0), ("python", 12.0)] {
            let what = what(&format!("faster than {side}"));
            bars.push(at_least(&what, limit, "×", faster(name, side)));
        }
    }
    bars.push(at_most("10,000 × 10: peak memory", 20.0, "MB", peak("10000x10")));
    let plan = results.plan.as_ref().filter(|plan| plan.channels >= super::scale::FULL);
    let seconds = plan.map(|plan| plan.wall_ms.most.max(plan.first_ms) / 1000.0);
    bars.push(at_most("plan of 1,000,000 channels: wall", 10.0, "s", seconds));
    let peak_of_plan = plan.map(|plan| plan.peak_bytes as f64 / MB);
    bars.push(at_most("plan of 1,000,000 channels: peak memory", 512.0, "MB", peak_of_plan));
    let distance = || Some(wall(ours("1000x10-far")?) - wall(ours("1000x10")?));
    bars.push(at_most("1,000 × 10 far: more than near", 60.0, "ms", distance()));
    let view = |name: &str| ours(name).map(|figures| figures.view_bytes);
    let growth = || Some(view("1x100k")? / view("1x10k")?);
    bars.push(at_most("publication: bytes at 100,000", 1.1, "× at 10,000", growth()));

    for (case, words) in [("snapshot/round", "round many"), ("snapshot/hot", "one hot channel")] {
        let ratio = |of| {
            Some(results.median_of(case, "snapshot", of)? / results.median_of(case, "bare", of)?)
        };
        bars.push(at_most(
            &format!("snapshot, {words}: p50"),
            1.1,
            "× bare",
            ratio(|side| side.latency_us),
        ));
        bars.push(at_most(
            &format!("snapshot, {words}: CPU"),
            1.1,
            "× bare",
            ratio(|side| side.cpu_us),
        ));
    }
    let ready = |name: &str| {
        let found = results.ready_ms.iter().find(|(side, _)| side == name);
        found.map(|(_, summary)| summary.median)
    };
    for (side, limit) in [("snapshot", 2.0), ("collector", 5.0)] {
        let more = || Some(ready(side)? - ready("hello")?);
        bars.push(at_most(
            &format!("{side}, start to ready: more than hello"),
            limit,
            "ms",
            more(),
        ));
    }
    let serve = results.serve.as_ref();
    let soon = serve.map(|serve| serve.ready_ms.median);
    bars.push(at_most("rollcall serve: start to ready", 20.0, "ms", soon));
    let idle = serve.map(|serve| serve.idle_mb.median);
    bars.push(at_most("rollcall serve: memory at rest", 20.0, "MB", idle));
    let gzipped = || Some(results.page("roll-call")?.gzipped_bytes as f64);
    bars.push(at_most("element: roll-call.js, gzipped", 7000.0, "bytes", gzipped()));
    let first = |name: &str| Some(results.page(name)?.first_ms?.median);
    let later = || Some(first("roll-call")? / first("bare")?);
    bars.push(at_most("element: the first number", 1.1, "× bare", later()));
    let shift = || results.page("roll-call")?.shift;
    bars.push(at_most("element: layout shift", 0.0, "", shift()));
    bars
}

#[cfg(test)]
mod tests {
    use super::super::results::SideResult;
    use super::super::statistics::Summary;
    use super::*;

    fn side(name: &str, wall: f64) -> SideResult {
        let all = |number| Summary { median: number, least: number, most: number };
        let figures = Figures {
            wall_ms: all(wall),
            cpu_ms: all(wall / 2.0),
            peak_bytes: all(30.0 * MB),
            view_bytes: 1000.0,
            dollars: 1.0,
        };
        SideResult {
            name: name.to_owned(),
            version: String::new(),
            command: String::new(),
            void: None,
            figures: Some(figures),
        }
    }

    #[test]
    fn a_bar_is_held_against_the_medians_and_what_is_not_there_is_not_measured() {
        let case = CaseResult {
            name: "collector/10000x10".to_owned(),
            channels: 10_000,
            clients: 10,
            rounds: 1,
            answer_bytes: 1,
            sides: vec![side("floor", 10.0), side("collector", 15.0), side("go", 45.0)],
        };
        let bars = bars(&Results { collector: vec![case], ..Results::default() });
        let bar = |what: &str| bars.iter().find(|bar| bar.what == what).unwrap();
        assert_eq!(bar("10,000 × 10: wall").figure, Some(1.5));
        assert_eq!(bar("10,000 × 10: wall").holds(), Some(false));
        assert_eq!(bar("10,000 × 10: faster than go").holds(), Some(true));
        assert_eq!(bar("10,000 × 10: peak memory").figure, Some(30.0));
        assert_eq!(bar("10,000 × 10: CPU").holds(), None);
        assert_eq!(bar("1 × 100,000: wall").figure, None);
    }
}
