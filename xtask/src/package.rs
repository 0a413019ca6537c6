//! The Python package: built into an environment of its own below target, and tested there.

use crate::python;
use crate::run::{Cmd, Failure, root, say, target_dir};
use std::fs;

/// Where it is, from the workspace's root.
const FOLDER: &str = "bindings/python";

/// What makes cargo select the same features as in `cargo test`, which has compiled all but PyO3 then.
const FEATURES: &str = "as-tested";

/// Builds it from what the tests of the crates were built from.
pub(crate) fn build() -> Result<(), Failure> {
    python::PACKAGE.prepare()?;
    maturin("develop").args(["--features", FEATURES]).run()
}

/// Measures it beside scikit-learn: the wheel as users get it, and the engine without Python.
pub(crate) fn bench(args: &[&str]) -> Result<(), Failure> {
    python::PACKAGE.prepare()?;
    let wheels = target_dir().join("wheels");
    // Only the newest may be found there.
    if wheels.is_dir() {
        fs::remove_dir_all(&wheels).map_err(|e| Failure::new(format!("xtask: {}: {e}", wheels.display())))?;
    }
    maturin("build").args(["--release", "--out"]).arg(&wheels).run()?;
    let mut found = fs::read_dir(&wheels).into_iter().flatten().flatten().map(|entry| entry.path());
    let wheel = found.next().ok_or_else(|| Failure::new("xtask: maturin has made no wheel"))?;
    let pip =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall"];
    Cmd::new(python::PACKAGE.interpreter()).args(pip).arg(&wheel).run()?;
    Cmd::cargo("build --release --package retrograde --example epoch").run()?;
    let driver = Cmd::new(python::PACKAGE.interpreter())
        .arg(root().join("bench/python/run.py"))
        .arg("--wheel")
        .arg(wheel)
        .arg("--example")
        .arg(target_dir().join("release/examples/epoch"))
        .args(args.iter().copied());
    say(&format!("xtask: {driver}"));
    driver.run()
}

/// What `build` runs, and `bench`.
fn maturin(verb: &str) -> Cmd {
    let manifest = format!("{FOLDER}/Cargo.toml");
    Cmd::new(python::PACKAGE.interpreter())
        .args(["-m", "maturin", verb, "--quiet", "--manifest-path", manifest.as_str()])
        .env("VIRTUAL_ENV", python::PACKAGE.folder())
        .env("CARGO_TARGET_DIR", target_dir())
}

/// Its tests, which close with pytest's own summary.
pub(crate) fn tests() -> Cmd {
    Cmd::new(python::PACKAGE.interpreter()).args(["-m", "pytest", "--quiet", FOLDER])
}
