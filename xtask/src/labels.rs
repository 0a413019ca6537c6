//! `cargo xtask bench labels`: builds the command and starts bench/labels/run.py, which needs nothing but Python.

use crate::python;
use crate::run::{Cmd, Failure, root, say, target_dir};

/// Builds, and starts the driver with its own arguments.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    python::TESTS.prepare()?;
    let build = Cmd::cargo("build --release --package retrograde-cli");
    say(&format!("xtask: {build}"));
    build.run()?;
    let driver = Cmd::new(python::TESTS.interpreter())
        .arg(root().join("bench/labels/run.py"))
        .arg("--command")
        .arg(target_dir().join("release/retrograde"))
        .args(args.iter().copied());
    say(&format!("xtask: {driver}"));
    driver.run()
}
