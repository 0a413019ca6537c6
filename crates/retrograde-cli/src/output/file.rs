//! Files that were named: written beside their target, synced, then renamed.

use super::Console;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::interrupt;
use std::io::Write;
use std::path::Path;

/// Writes `bytes` to `path` whole or not at all; `-` is stdout. `exit` is the code when that fails.
pub(crate) fn write(path: &Path, bytes: &[u8], exit: Exit, console: Console) -> Result<()> {
    if is_stdout(path) {
        return console.answer_bytes(bytes);
    }
    let written = interrupt::while_writing(|| replace(path, bytes));
    written.map_err(|problem| Failure::output(exit, &path.display().to_string(), &problem))
}

/// Whether the path stands for stdout.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A link keeps pointing, and a device or a pipe is written to: only regular files are replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if target.exists() && !target.is_file() {
        return std::fs::OpenOptions::new().write(true).open(&target)?.write_all(bytes);
    }
    let mut file = beside(&target)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|e| e.error)?;
    Ok(())
}

/// A file beside the target, with the permissions that any new file gets.
fn beside(target: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".retrograde-").tempfile_in(folder(target))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Refuses a target that cannot be written, before the work rather than after it.
pub(crate) fn check_writable(path: &Path, exit: Exit) -> Result<()> {
    if is_stdout(path) {
        return Ok(());
    }
    let name = path.display();
    if path.is_dir() {
        return Err(Failure::new(exit, format!("cannot write {name}: it is a folder"))
            .hint(format!("-o {}", path.join("model.rg").display())));
    }
    let folder = folder(path);
    if !folder.is_dir() {
        return Err(Failure::new(
            exit,
            format!("cannot write {name}: there is no folder {}", folder.display()),
        )
        .hint(format!("mkdir -p {}", super::text::shell(&folder.display().to_string()))));
    }
    // What is written beside a link's target is renamed there; a device or a pipe is written to as it is.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if target.exists() && !target.is_file() {
        return Ok(());
    }
    match beside(&target) {
        Ok(_) => Ok(()),
        Err(problem) => Err(Failure::output(exit, &name.to_string(), &problem)),
    }
}
