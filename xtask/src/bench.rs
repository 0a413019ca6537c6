//! `cargo xtask bench`: the measurements, in one table.

use crate::run::{Cmd, Failure, say};
use std::fmt::Write;

struct Bench {
    name: &'static str,
    cargo: &'static str,
    measures: &'static str,
}

/// One line adds one.
const BENCHES: &[Bench] = &[
    Bench {
        name: "methods",
        cargo: "run --release -p retrograde-model --example methods",
        measures: "every parameter learning method on six problems: cost reached, gradients, seconds",
    },
    Bench {
        name: "argmin",
        cargo: "run --release -p retrograde --example argmin_comparison",
        measures: "our conjugate gradients and L-BFGS beside argmin's on the same cost and gradient",
    },
    Bench {
        name: "proben1",
        cargo: "run --release -p retrograde-model --example proben1 -- ../shared/data/proben1",
        measures: "test errors on Proben1 beside those that Prechelt published in 1994",
    },
];

/// The table as text.
pub(crate) fn list() -> String {
    let width = BENCHES.iter().map(|b| b.name.len()).max().unwrap_or(0);
    BENCHES.iter().fold(String::from("cargo xtask bench NAME, where NAME is\n"), |mut text, b| {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "  {:width$}  {}\n  {:width$}  cargo {}", b.name, b.measures, "", b.cargo);
        text
    })
}

/// Runs one measurement.
pub(crate) fn run(name: &str) -> Result<(), Failure> {
    let Some(bench) = BENCHES.iter().find(|b| b.name == name) else {
        return Err(Failure::usage(&format!("there is no measurement `{name}`\n\n{}", list())));
    };
    let cmd = Cmd::cargo(bench.cargo);
    say(&format!("xtask: {cmd}"));
    cmd.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_listed() {
        for (i, bench) in BENCHES.iter().enumerate() {
            assert!(BENCHES[..i].iter().all(|b| b.name != bench.name), "{} twice", bench.name);
            assert!(list().contains(bench.name) && list().contains(bench.cargo));
        }
    }

    #[test]
    fn an_unknown_name_shows_the_list() {
        let failure = run("no-such-measurement").unwrap_err();
        assert_eq!(failure.code, 2);
        assert!(
            failure.to_string().contains("no-such-measurement") && failure.to_string().contains("methods")
        );
    }
}
