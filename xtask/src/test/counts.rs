//! How many tests ran, read from what their runners print.

use std::ops::AddAssign;

/// Tests by their result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    /// Sums the lines `test result: ok. 4 passed; 0 failed; 1 ignored; …` of `cargo test`.
    pub(crate) fn of_libtest(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines() {
            let Some(result) = line.trim().strip_prefix("test result: ") else { continue };
            let numbers = result.split_once(". ").map_or("", |(_, numbers)| numbers);
            for part in numbers.split("; ") {
                let Some((n, word)) = part.split_once(' ') else { continue };
                let Ok(n) = n.parse::<usize>() else { continue };
                match word {
                    "passed" => counts.passed += n,
                    "failed" => counts.failed += n,
                    "ignored" => counts.skipped += n,
                    _ => {}
                }
            }
        }
        counts
    }

    /// Sums the lines `# pass 4` (or `ℹ pass 4`) of Node's test runner.
    pub(crate) fn of_node(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines() {
            let mut words = line.split_whitespace();
            let (Some("#" | "ℹ"), Some(word), Some(n), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                continue;
            };
            let Ok(n) = n.parse::<usize>() else { continue };
            match word {
                "pass" => counts.passed += n,
                "fail" | "cancelled" => counts.failed += n,
                "skipped" | "todo" => counts.skipped += n,
                _ => {}
            }
        }
        counts
    }

    /// Reads the end of Python's unittest: `Ran 13 tests in 4.2s`, then `OK (skipped=1)` or
    /// `FAILED (failures=1, errors=2, skipped=1)`.
    pub(crate) fn of_unittest(output: &str) -> Self {
        let mut counts = Self::default();
        let lines: Vec<&str> = output.lines().collect();
        let Some(at) = lines.iter().rposition(|line| line.starts_with("Ran ")) else {
            return counts;
        };
        let n_ran = lines.get(at).and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        let verdict = lines.iter().skip(at).find_map(|line| line.split_once('('));
        for part in verdict.map_or("", |(_, parts)| parts.trim_end_matches(')')).split(", ") {
            let Some((word, n)) = part.split_once('=') else { continue };
            let Ok(n) = n.parse::<usize>() else { continue };
            match word {
                "failures" | "errors" | "unexpected successes" => counts.failed += n,
                "skipped" | "expected failures" => counts.skipped += n,
                _ => {}
            }
        }
        counts.passed = n_ran.unwrap_or(0usize).saturating_sub(counts.failed + counts.skipped);
        counts
    }

    /// How many there are.
    pub(crate) fn total(self) -> usize {
        self.passed + self.failed + self.skipped
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn libtest_lines_are_summed() {
        let output = "
running 5 tests
test a ... ok
test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests harness
test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.2s
error: test failed, to rerun pass `-p harness`
";
        let counts = Counts::of_libtest(output);
        assert_eq!(counts, Counts { passed: 5, failed: 2, skipped: 1 });
    }

    #[test]
    fn lines_that_look_alike_do_not_count() {
        let output =
            "the test result: 3 passed\ntest result: odd\n# pass\n# pass many\n# pass 3 4\n";
        assert_eq!(Counts::of_libtest(output), Counts::default());
        assert_eq!(Counts::of_node(output), Counts::default());
    }

    #[test]
    fn unittest_is_read_from_its_end() {
        let output = "test_a (x.X.test_a) ... ok\nRan 2 of 3\nRan 13 tests in 4.2s\n\n";
        let counts = Counts::of_unittest(&format!("{output}OK\n"));
        assert_eq!(counts, Counts { passed: 13, failed: 0, skipped: 0 });
        let counts =
            Counts::of_unittest(&format!("{output}FAILED (failures=1, errors=2, skipped=3)\n"));
        assert_eq!(counts, Counts { passed: 7, failed: 3, skipped: 3 });
        assert_eq!(Counts::of_unittest("Traceback"), Counts::default());
    }

    #[test]
    fn node_is_read_in_both_forms() {
        let tap = "ok 1 - a\n# Subtest: pass 9\n# tests 8\n# suites 0\n# pass 4\n# fail 1\n\
                   # cancelled 1\n# skipped 1\n# todo 1\n# duration_ms 12.5\n";
        assert_eq!(Counts::of_node(tap), Counts { passed: 4, failed: 2, skipped: 2 });
        let spec = "✔ a (1ms)\nℹ tests 3\nℹ pass 3\nℹ fail 0\nℹ skipped 0\nℹ duration_ms 50\n";
        assert_eq!(Counts::of_node(spec), Counts { passed: 3, failed: 0, skipped: 0 });
        let mut sum = Counts::of_node(tap);
        sum += Counts::of_node(spec);
        assert_eq!(sum.total(), 11);
    }
}
