//! `cargo xtask bench tables`: the command and the Python packages that bench/tables/run.py compares are made ready,
//! then it is started.

use crate::python;
use crate::run::{Cmd, Failure, root, say, target_dir};

/// Where the sets are, from the workspace's root.
const DATA: &str = "../shared/data";

/// Builds, and starts the driver with its own arguments.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    python::TABLES.prepare()?;
    let driver = Cmd::new(python::TABLES.interpreter()).arg(root().join("bench/tables/run.py"));
    if args.iter().any(|arg| matches!(*arg, "-h" | "--help")) {
        return driver.arg("--help").run();
    }
    let build = Cmd::cargo("build --release --package retrograde-cli");
    say(&format!("xtask: {build}"));
    build.run()?;
    let driver = driver.arg(DATA).arg("--target").arg(target_dir()).args(args.iter().copied());
    say(&format!("xtask: {driver}"));
    driver.run()
}
