//! The Python package: built into an environment of its own below target, and tested there.

use crate::python;
use crate::run::{Cmd, Failure, target_dir};

/// Where it is, from the workspace's root.
const FOLDER: &str = "bindings/python";

/// Builds it as `cargo test` builds everything else, so that most of it is there already.
pub(crate) fn build() -> Result<(), Failure> {
    python::PACKAGE.prepare()?;
    maturin().run()
}

/// What `build` runs.
fn maturin() -> Cmd {
    let manifest = format!("{FOLDER}/Cargo.toml");
    Cmd::new(python::PACKAGE.interpreter())
        .args(["-m", "maturin", "develop", "--quiet", "--manifest-path", manifest.as_str()])
        .env("VIRTUAL_ENV", python::PACKAGE.folder())
        .env("CARGO_TARGET_DIR", target_dir())
}

/// Its tests, which close with pytest's own summary.
pub(crate) fn tests() -> Cmd {
    Cmd::new(python::PACKAGE.interpreter()).args(["-m", "pytest", "--quiet", FOLDER])
}
