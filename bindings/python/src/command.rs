//! The command `retrograde`, so that the wheel carries it.

use pyo3::prelude::*;
use std::ffi::OsString;

/// Runs the command with the words after its name, and returns its exit code.
#[pyfunction]
pub(crate) fn command(py: Python<'_>, words: Vec<OsString>) -> u8 {
    let words: Vec<OsString> = std::iter::once("retrograde".into()).chain(words).collect();
    py.detach(|| retrograde_cli::run(&words))
}
