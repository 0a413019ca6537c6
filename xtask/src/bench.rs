//! `cargo xtask bench`: the measurements, in one table.

use crate::run::{Cmd, Failure, say};
use crate::{labels, package, peers, tables};
use std::fmt::Write;

struct Bench {
    name: &'static str,
    how: How,
    measures: &'static str,
}

enum How {
    /// One command of cargo.
    Cargo(&'static str),
    /// Many, which end in this one.
    Many(fn(&[&str]) -> Result<(), Failure>, &'static str),
}

impl How {
    fn shown(&self) -> String {
        match self {
            Self::Cargo(args) => format!("cargo {args}"),
            Self::Many(_, last) => (*last).to_owned(),
        }
    }
}

/// One line adds one.
const BENCHES: &[Bench] = &[
    Bench {
        name: "methods",
        how: How::Cargo("run --release -p retrograde-model --example methods"),
        measures: "every parameter learning method on six problems: cost reached, gradients, seconds",
    },
    Bench {
        name: "argmin",
        how: How::Cargo("run --release -p retrograde --example argmin_comparison"),
        measures: "our conjugate gradients and L-BFGS beside argmin's on the same cost and gradient",
    },
    Bench {
        name: "proben1",
        how: How::Cargo("run --release -p retrograde-model --example proben1 -- ../shared/data/proben1"),
        measures: "test errors on Proben1 beside those that Prechelt published in 1994",
    },
    Bench {
        name: "mnist",
        how: How::Cargo("run --release -p retrograde --example mnist -- ../shared/data/mnist"),
        measures: "test errors of 784-100-100-10 on MNIST after twenty epochs, and the seconds they take",
    },
    Bench {
        name: "peers",
        how: How::Many(peers::run, "target/bench-python/bin/python bench/peers/run.py --help"),
        measures: "epochs, gradients and predictions beside scikit-learn, PyTorch, JAX, onnxruntime, burn, candle and FANN",
    },
    Bench {
        name: "python",
        how: How::Many(package::bench, "target/python-package/bin/python bench/python/run.py --help"),
        measures: "the Python package beside scikit-learn: speed, memory, import, wheel, processes",
    },
    Bench {
        name: "labels",
        how: How::Many(labels::run, "target/python/bin/python bench/labels/run.py --help"),
        measures: "how many wrong labels are among the rows that pull hardest, by `explain --worst`",
    },
    Bench {
        name: "tables",
        how: How::Many(tables::run, "target/bench-tables-python/bin/python bench/tables/run.py --help"),
        measures: "what one command reaches on tables, beside scikit-learn behind a hand-made encoding",
    },
];

/// The table as text.
pub(crate) fn list() -> String {
    let width = BENCHES.iter().map(|b| b.name.len()).max().unwrap_or(0);
    BENCHES.iter().fold(
        String::from("cargo xtask bench NAME [-- ARGUMENTS], where NAME is\n"),
        |mut text, b| {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "  {:width$}  {}\n  {:width$}  {}", b.name, b.measures, "", b.how.shown());
            text
        },
    )
}

/// Runs one measurement, with arguments of its own.
pub(crate) fn run(name: &str, args: &[&str]) -> Result<(), Failure> {
    let Some(bench) = BENCHES.iter().find(|b| b.name == name) else {
        return Err(Failure::usage(&format!("there is no measurement `{name}`\n\n{}", list())));
    };
    match bench.how {
        How::Many(run, _) => run(args),
        How::Cargo(cargo) => {
            let separator = (!args.is_empty() && !cargo.contains(" -- ")).then_some("--");
            let cmd = Cmd::cargo(cargo).args(separator).args(args.iter().copied());
            say(&format!("xtask: {cmd}"));
            cmd.run()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_listed() {
        for (i, bench) in BENCHES.iter().enumerate() {
            assert!(BENCHES[..i].iter().all(|b| b.name != bench.name), "{} twice", bench.name);
            assert!(list().contains(bench.name) && list().contains(&bench.how.shown()));
        }
    }

    #[test]
    fn an_unknown_name_shows_the_list() {
        let failure = run("no-such-measurement", &[]).unwrap_err();
        assert_eq!(failure.code, 2);
        assert!(
            failure.to_string().contains("no-such-measurement") && failure.to_string().contains("methods")
        );
    }
}
