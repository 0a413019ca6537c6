//! `cargo xtask test`: one step after another, the first failure ends it.

use crate::run::{Cmd, Failure, say};
use crate::{browser, deny, package, python};

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every step.
    Full,
    /// No cargo-deny, tests in debug only.
    Quick,
}

/// Everything, with assertions and checks for overflow, and with all features.
const CHECKED: &str = "test --workspace --features retrograde/argmin";

/// What the optimiser may do to the arithmetic is tested too: the core as it is shipped, without features.
const RELEASE: &str = "test -p retrograde --release --lib --tests";

struct Step {
    what: String,
    run: Box<dyn FnOnce() -> Result<(), Failure>>,
}

impl Step {
    fn new(what: impl Into<String>, run: impl FnOnce() -> Result<(), Failure> + 'static) -> Self {
        Self { what: what.into(), run: Box::new(run) }
    }

    /// A step that is one command, which is also its announcement.
    fn cmd(cmd: Cmd) -> Self {
        Self::new(cmd.to_string(), move || cmd.run())
    }

    /// One command of a toolchain component that may not be installed.
    fn component(component: &'static str, cmd: Cmd) -> Self {
        Self::new(cmd.to_string(), move || {
            require(component, &Cmd::cargo(&format!("{} --version", component_command(component))))?;
            cmd.run()
        })
    }
}

/// Runs the steps.
pub(crate) fn run(extent: Extent) -> Result<(), Failure> {
    let steps = steps(extent);
    let count = steps.len();
    for (i, step) in steps.into_iter().enumerate() {
        say(&format!("xtask [{}/{count}] {}", i + 1, step.what));
        (step.run)()?;
    }
    Ok(())
}

fn steps(extent: Extent) -> Vec<Step> {
    let mut steps = vec![
        Step::component("rustfmt", Cmd::cargo("fmt --all --check")),
        Step::component(
            "clippy",
            Cmd::cargo("clippy --workspace --all-targets --all-features -- -D warnings"),
        ),
        Step::cmd(Cmd::cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-Dwarnings")),
    ];
    if extent == Extent::Full {
        steps.push(Step::new("cargo deny: licences, bans, sources, advisories", deny::run));
    }
    steps.push(Step::new("Python for the tests' scripts", || python::TESTS.prepare()));
    let tests = |args: &str| Step::cmd(Cmd::cargo(args).env(python::VARIABLE, python::TESTS.interpreter()));
    // The runners' own summary lines close the output: nothing is printed after them.
    steps.push(tests(CHECKED));
    steps.push(Step::new("Chromium for the reports", browser::prepare));
    steps.push(Step::new("the reports in a browser: pytest", browser::tests));
    steps.push(Step::new("the Python package", package::build));
    steps.push(Step::cmd(package::tests()));
    if extent == Extent::Full {
        steps.push(tests(RELEASE));
    }
    steps
}

fn component_command(component: &str) -> &str {
    if component == "rustfmt" { "fmt" } else { component }
}

/// Says what to install, instead of what cargo says when a component is missing.
fn require(component: &str, probe: &Cmd) -> Result<(), Failure> {
    if probe.succeeds() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "xtask: {component} is not installed for this toolchain (`{probe}` failed). To install it:\n\n    \
         rustup component add {component}\n"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(extent: Extent) -> Vec<String> {
        steps(extent).into_iter().map(|s| s.what).collect()
    }

    #[test]
    fn the_cheap_steps_come_first_and_the_tests_last() {
        let full = announced(Extent::Full);
        assert_eq!(full[0], "cargo fmt --all --check");
        assert!(full[full.len() - 6].ends_with(CHECKED), "{full:?}");
        assert!(full[full.len() - 2].contains("-m pytest"), "{full:?}");
        assert!(full[full.len() - 1].ends_with(RELEASE), "{full:?}");
    }

    #[test]
    fn quick_leaves_out_deny_and_release() {
        let quick = announced(Extent::Quick);
        assert!(quick.iter().all(|s| !s.contains("deny:") && !s.contains("--release")), "{quick:?}");
        assert!(quick[quick.len() - 5].ends_with(CHECKED), "{quick:?}");
        assert!(quick[quick.len() - 1].contains("-m pytest"), "{quick:?}");
    }

    #[test]
    fn a_missing_component_names_the_command_that_installs_it() {
        let missing = Cmd::cargo("xtask-has-no-such-component --version");
        let failure = require("clippy", &missing).unwrap_err().to_string();
        assert!(failure.contains("rustup component add clippy"), "{failure}");
    }
}
