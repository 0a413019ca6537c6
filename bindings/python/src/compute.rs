//! What surrounds every computation: other Python threads run, Ctrl-C is seen, and errors become Python's.

use pyo3::PyErr;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use retrograde::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Computes while other Python threads run. A panic would be a `BaseException` in Python, which `except Exception` misses:
/// it becomes a `RuntimeError`.
pub(crate) fn compute<T: Send>(py: Python<'_>, task: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    work(py, || task().map_err(raise))
}

/// The same for what fails in other words.
pub(crate) fn work<T: Send>(py: Python<'_>, task: impl FnOnce() -> PyResult<T> + Send) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(task))) {
        Ok(result) => result,
        Err(_) => Err(PyRuntimeError::new_err("a defect of retrograde: its core panicked; please report it")),
    }
}

/// The table of exceptions.
pub(crate) fn raise(error: Error) -> PyErr {
    let text = error.to_string();
    match error {
        Error::Layers { .. }
        | Error::OutputLoss { .. }
        | Error::Unknown { .. }
        | Error::Setting { .. }
        | Error::Shape { .. }
        | Error::Value { .. }
        | Error::WeightSum { .. }
        | Error::BugWithoutEffect { .. } => PyValueError::new_err(text),
        Error::Stream { .. } => PyOSError::new_err(text),
        // The enum may grow.
        _ => PyRuntimeError::new_err(text),
    }
}

/// How long Ctrl-C may go unseen between two evaluations.
const PATIENCE: Duration = Duration::from_millis(20);

/// Asks Python now and then whether a signal came, such as Ctrl-C's.
#[derive(Debug)]
pub(crate) struct Signals {
    asked: Instant,
    raised: Option<PyErr>,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self { asked: Instant::now(), raised: None }
    }

    /// False once a signal's handler raised an exception.
    // The method itself, without a closure, is for one lifetime alone.
    #[allow(clippy::redundant_closure_for_method_calls)]
    pub(crate) fn go_on(&mut self) -> bool {
        if self.raised.is_none() && self.asked.elapsed() >= PATIENCE {
            self.raised = Python::attach(|py| py.check_signals()).err();
            self.asked = Instant::now();
        }
        self.raised.is_none()
    }

    /// The exception, if there is one.
    pub(crate) fn outcome(&mut self) -> PyResult<()> {
        self.raised.take().map_or(Ok(()), Err)
    }
}
