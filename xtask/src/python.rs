//! Python environments of our own below target: golden numbers in another language for the tests, the Python package, and peers to
//! be compared with.
//!
//! Tests find their interpreter in the variable [`VARIABLE`].

use crate::debian;
use crate::run::{Cmd, Failure, root, say, target_dir};
use std::fs;
use std::path::PathBuf;

/// The path of the interpreter that has the packages of xtask/requirements.txt.
pub(crate) const VARIABLE: &str = "RETROGRADE_PYTHON";

/// What the tests' scripts run in.
pub(crate) const TESTS: Environment =
    Environment { folder: "python", requirements: "xtask/requirements.txt" };

/// What the Python package is built into and tested in.
pub(crate) const PACKAGE: Environment =
    Environment { folder: "python-package", requirements: "bindings/python/requirements.txt" };

/// What the reports are opened with.
pub(crate) const BROWSER: Environment =
    Environment { folder: "browser", requirements: "crates/retrograde-cli/tests/browser/requirements.txt" };

/// What `cargo xtask bench peers` runs in: some gigabytes, which no test needs.
pub(crate) const PEERS: Environment =
    Environment { folder: "bench-python", requirements: "bench/peers/requirements.txt" };

/// What `cargo xtask bench tables` runs in.
pub(crate) const TABLES: Environment =
    Environment { folder: "bench-tables-python", requirements: "bench/tables/requirements.txt" };

/// The oldest Python that the pinned packages support.
const SUPPORTED: &str = "import sys; sys.exit(sys.version_info < (3, 11))";

/// A folder below target with an interpreter, and the file that lists its packages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Environment {
    folder: &'static str,
    requirements: &'static str,
}

impl Environment {
    pub(crate) fn folder(self) -> PathBuf {
        target_dir().join(self.folder)
    }

    pub(crate) fn interpreter(self) -> PathBuf {
        self.folder().join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
    }

    /// Makes the environment, unless it already holds exactly what is asked for.
    pub(crate) fn prepare(self) -> Result<(), Failure> {
        let requirements = root().join(self.requirements);
        let wanted = fs::read_to_string(&requirements)
            .map_err(|e| Failure::new(format!("xtask: {}: {e}", requirements.display())))?;
        let stamp = self.folder().join("requirements.stamp");
        let runs = Cmd::new(self.interpreter()).args(["-c", SUPPORTED]);
        if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && runs.succeeds() {
            return Ok(());
        }
        say(&format!("xtask: the Python packages of {} into {}", self.requirements, self.folder().display()));
        self.make()?;
        Cmd::new(self.interpreter())
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(requirements)
            .run()?;
        fs::write(&stamp, wanted).map_err(|e| Failure::new(format!("xtask: {}: {e}", stamp.display())))
    }

    fn make(self) -> Result<(), Failure> {
        let base = if cfg!(windows) { "python" } else { "python3" };
        if !Cmd::new(base).args(["-c", SUPPORTED]).succeeds() {
            return Err(Failure::new(format!(
                "xtask: this needs Python 3.11 or newer: `{base}` is missing or older. \
                 On Debian and Ubuntu:\n\n    apt-get install python3 python3-venv\n"
            )));
        }
        let make = Cmd::new(base).args(["-m", "venv", "--clear"]).arg(self.folder());
        // Debian packs ensurepip, which venv needs, separately.
        if !Cmd::new(base).args(["-c", "import ensurepip, venv"]).succeeds() {
            install_venv(&make)?;
        }
        make.run()
    }
}

fn install_venv(make: &Cmd) -> Result<(), Failure> {
    if !debian::may_install() {
        let install = debian::command("python3-venv");
        return Err(Failure::new(format!(
            "xtask: this Python cannot make environments (ensurepip is missing). \
             On Debian and Ubuntu:\n\n    sudo {install}\n\nand then, to see that it works:\n\n    {make}\n"
        )));
    }
    say("xtask: python3-venv is missing; installing it");
    debian::install("python3-venv")
}
