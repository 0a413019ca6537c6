//! Files that were named: written beside their target, synced, then renamed.

use super::Console;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::interrupt;
use retrograde_data::shell;
use retrograde_model::{companions, is_stream, pointed_to, write_file};
use std::path::Path;

/// Writes `bytes` to `path` whole or not at all; `-` is stdout. `exit` is the code when that fails.
pub(crate) fn write(path: &Path, bytes: &[u8], exit: Exit, console: Console) -> Result<()> {
    if is_stdout(path) {
        return console.answer_bytes(bytes);
    }
    let written = guarded(path, || write_file(path, bytes));
    written.map_err(|problem| Failure::output(exit, &path.display().to_string(), &problem))
}

/// Whether the path stands for stdout.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Runs a write that an interruption waits for, so that nothing is left beside a file; it does not wait for whoever
/// reads a pipe.
pub(crate) fn guarded<R>(path: &Path, write: impl FnOnce() -> R) -> R {
    if is_stream(path) { write() } else { interrupt::while_writing(write) }
}

/// An output that was named, and what it must not be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output<'a> {
    pub(crate) path: &'a Path,
    /// The code when it cannot be written.
    pub(crate) exit: Exit,
    /// The option that named it.
    pub(crate) option: &'static str,
    /// A name for it, where a folder was given instead.
    pub(crate) example: &'static str,
}

impl Output<'_> {
    /// Refuses a target that cannot be written, or that is one of the inputs, before the work rather than after it.
    pub(crate) fn check(self, inputs: &[&Path]) -> Result<()> {
        let Self { path, exit, option, example } = self;
        if is_stdout(path) {
            return Ok(());
        }
        let name = path.display();
        if path.is_dir() {
            let inside = shell(&path.join(example).display().to_string());
            return Err(Failure::new(exit, format!("cannot write {name}: it is a folder"))
                .hint(format!("{option} {inside}")));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.is_dir());
        if let Some(parent) = parent {
            let parent = parent.display();
            return Err(Failure::new(exit, format!("cannot write {name}: there is no folder {parent}"))
                .hint(format!("mkdir -p {}", shell(&parent.to_string()))));
        }
        if let Some(input) = inputs.iter().find(|input| !is_stream(path) && is_same_file(path, input)) {
            let message = format!("cannot write {name}: it is used too, as {}", input.display());
            return Err(Failure::usage(message).hint(format!("{option} {example}")));
        }
        retrograde_model::check_writable(path)
            .map_err(|problem| Failure::output(exit, &name.to_string(), &problem))
    }
}

/// Refuses a figure and a document on the same stream.
pub(crate) fn check_svg(svg: Option<&Path>, json: bool) -> Result<()> {
    if json && svg.is_some_and(is_stdout) {
        return Err(Failure::usage("--json and --svg - both write to stdout").hint("--svg figure.svg"));
    }
    Ok(())
}

/// A checkpoint that was named, and what neither it nor the files that come and go with it may be.
pub(crate) fn check_checkpoint(path: &Path, others: &[&Path]) -> Result<()> {
    if is_stdout(path) || is_stream(path) {
        let message = format!("{} cannot be a checkpoint: it is no regular file", path.display());
        return Err(Failure::new(Exit::Model, message).hint("--checkpoint run.ck"));
    }
    let output = Output { path, exit: Exit::Model, option: "--checkpoint", example: "run.ck" };
    output.check(others)?;
    for companion in &companions(path) {
        Output { path: companion, ..output }.check(others)?;
    }
    Ok(())
}

/// Whether two names are of one file, whether it exists or not.
fn is_same_file(a: &Path, b: &Path) -> bool {
    pointed_to(a) == pointed_to(b)
}
