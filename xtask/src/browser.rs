//! The reports in a browser: Debian's Chromium, driven from a Python environment of its own below target.

use crate::debian;
use crate::python;
use crate::run::{Cmd, Failure, say, target_dir};
use std::path::PathBuf;

/// Where the tests are, from the workspace's root.
const FOLDER: &str = "crates/retrograde-cli/tests/browser";

/// Its names in the distributions.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The environment, and the browser where it may be installed.
pub(crate) fn prepare() -> Result<(), Failure> {
    python::BROWSER.prepare()?;
    if chromium().is_some() {
        return Ok(());
    }
    if !debian::may_install() {
        let install = debian::command(NAMES[0]);
        return Err(Failure::new(format!(
            "xtask: Chromium is not installed; the reports are opened in it. On Debian and Ubuntu:\n\n    sudo {install}\n"
        )));
    }
    say("xtask: chromium is missing; installing it");
    debian::install(NAMES[0])
}

/// The tests, of the command as `cargo test` has built it: cargo alone would build it with other features, and anew.
pub(crate) fn tests() -> Result<(), Failure> {
    let chromium = chromium().ok_or_else(|| Failure::new("xtask: Chromium is not in PATH"))?;
    let command = target_dir().join("debug").join(format!("retrograde{}", std::env::consts::EXE_SUFFIX));
    Cmd::new(python::BROWSER.interpreter())
        .args(["-m", "pytest", "--quiet", FOLDER])
        .env("RETROGRADE_COMMAND", command)
        .env("RETROGRADE_CHROMIUM", chromium)
        .run()
}

fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    found.into_iter().find(|file| file.is_file())
}
