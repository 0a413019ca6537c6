//! A Python environment of the tests' own in target/python: golden numbers and peers in another language.
//!
//! Tests find its interpreter in the variable [`VARIABLE`].

use crate::run::{Cmd, Failure, root, say, target_dir};
use std::fs;
use std::path::PathBuf;

/// The path of the interpreter that has the packages of xtask/requirements.txt.
pub(crate) const VARIABLE: &str = "RETROGRADE_PYTHON";

/// The oldest Python that the pinned packages support.
const SUPPORTED: &str = "import sys; sys.exit(sys.version_info < (3, 11))";

fn folder() -> PathBuf {
    target_dir().join("python")
}

pub(crate) fn interpreter() -> PathBuf {
    folder().join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Makes the environment, unless it already holds exactly what is asked for.
pub(crate) fn prepare() -> Result<(), Failure> {
    let requirements = root().join("xtask/requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .map_err(|e| Failure::new(format!("xtask: {}: {e}", requirements.display())))?;
    let stamp = folder().join("requirements.stamp");
    let runs = Cmd::new(interpreter()).args(["-c", SUPPORTED]);
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && runs.succeeds() {
        return Ok(());
    }
    make_environment()?;
    Cmd::new(interpreter())
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(requirements)
        .run()?;
    fs::write(&stamp, wanted).map_err(|e| Failure::new(format!("xtask: {}: {e}", stamp.display())))
}

fn make_environment() -> Result<(), Failure> {
    let base = if cfg!(windows) { "python" } else { "python3" };
    if !Cmd::new(base).args(["-c", SUPPORTED]).succeeds() {
        return Err(Failure::new(format!(
            "xtask: the tests need Python 3.11 or newer: `{base}` is missing or older. \
             On Debian and Ubuntu:\n\n    apt-get install python3 python3-venv\n"
        )));
    }
    let make = Cmd::new(base).args(["-m", "venv", "--clear"]).arg(folder());
    // Debian packs ensurepip, which venv needs, separately.
    if !Cmd::new(base).args(["-c", "import ensurepip, venv"]).succeeds() {
        install_venv(&make)?;
    }
    make.run()
}

fn install_venv(make: &Cmd) -> Result<(), Failure> {
    let install = Cmd::new("apt-get").args(["install", "-y", "python3-venv"]);
    let root_user = Cmd::new("id").arg("-u").output().is_ok_and(|o| o.stdout.trim_ascii() == b"0");
    if !root_user || !Cmd::new("apt-get").arg("--version").succeeds() {
        return Err(Failure::new(format!(
            "xtask: this Python cannot make environments (ensurepip is missing). \
             On Debian and Ubuntu:\n\n    sudo {install}\n\nand then, to see that it works:\n\n    {make}\n"
        )));
    }
    say("xtask: python3-venv is missing; installing it");
    Cmd::new("apt-get").args(["update", "--quiet"]).run()?;
    install.env("DEBIAN_FRONTEND", "noninteractive").run()
}
