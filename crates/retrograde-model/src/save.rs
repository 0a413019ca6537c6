//! Writing a file so that there is never half of one.

use crate::error::ModelError;
use crate::model::Model;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

impl Model {
    /// Writes the model's file whole or not at all, see [`write_file`].
    ///
    /// # Errors
    /// [`ModelError::Io`] when the folder or the file cannot be written; what was at `path` is as it was.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let bytes = self.to_bytes()?;
        write_file(path, &bytes).map_err(|source| ModelError::Io {
            action: "write",
            path: path.display().to_string(),
            source,
        })
    }
}

/// Writes `bytes` beside `path`, flushes them to the disk, and renames: at every moment `path` is the old file or the
/// new one. The permissions of the old file stay. A symbolic link keeps pointing where it does. A device or a pipe is
/// written to as it is.
///
/// # Errors
/// Those of the system; what was at `path` is as it was, unless it is a device or a pipe.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_stream(path) {
        // Renaming over /dev/null would replace the device for everyone.
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let target = pointed_to(path);
    let folder = folder(&target);
    let mut beside = beside(&target)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(&target).map_err(|error| error.error)?;
    sync_folder(&folder);
    Ok(())
}

/// What is to become of the file that a checkpoint takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Old {
    /// It is whole: kept as `FILE.previous`.
    Keep,
    /// It is damaged or not there: `FILE.previous` may be the only whole one and stays.
    Replace,
}

/// Writes `bytes` as `FILE.new`, flushes them to the disk, and renames. At every moment one of `FILE`, `FILE.new` and
/// `FILE.previous` is whole, if one was before. The permissions of the old file stay.
///
/// The file beside it has a fixed name, so that a process that is killed leaves one at most.
pub(crate) fn write_keeping_previous(path: &Path, bytes: &[u8], old: Old) -> io::Result<()> {
    if is_stream(path) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    let target = pointed_to(path);
    let [beside, before] = companions(&target);
    match std::fs::remove_file(&beside) {
        Err(problem) if problem.kind() != io::ErrorKind::NotFound => return Err(problem),
        _ => {}
    }
    // Not through a link that somebody else put there.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(problem) = written {
        // A file cut short is of no use, and the disk may be full.
        let _ = std::fs::remove_file(&beside);
        return Err(problem);
    }
    if let Ok(found) = std::fs::metadata(&target) {
        file.set_permissions(found.permissions())?;
    }
    drop(file);
    if old == Old::Keep {
        std::fs::rename(&target, before)?;
    }
    std::fs::rename(&beside, &target)?;
    sync_folder(&folder(&target));
    Ok(())
}

/// The two files that come and go with a checkpoint: `FILE.new` while one is written, `FILE.previous` for the one before.
/// They lie beside the file itself, where `path` is a symbolic link.
pub fn companions(path: &Path) -> [PathBuf; 2] {
    [".new", ".previous"].map(|suffix| {
        let mut name = pointed_to(path).into_os_string();
        name.push(suffix);
        name.into()
    })
}

/// Finds out whether [`write_file`] can write to `path`, and leaves everything as it is.
///
/// # Errors
/// What [`write_file`] would fail with.
pub fn check_writable(path: &Path) -> io::Result<()> {
    if is_stream(path) { Ok(()) } else { beside(&pointed_to(path)).map(drop) }
}

/// Whether `path` is a device, a pipe or a socket, to which writing may take as long as its reader likes.
pub fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The file that a symbolic link stands for, whether it exists or not; else the path itself. Two ways of writing the
/// name of one file have one result, as far as its folder exists.
pub fn pointed_to(path: &Path) -> PathBuf {
    if let Ok(target) = std::fs::canonicalize(path) {
        return target;
    }
    let target = match std::fs::read_link(path) {
        Ok(target) => folder(path).join(target),
        Err(_) => path.to_owned(),
    };
    match (std::fs::canonicalize(folder(&target)), target.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => target,
    }
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn beside(target: &Path) -> io::Result<tempfile::NamedTempFile> {
    // The kind alone: the whole text names the temporary file, which is nothing to the user.
    new_file(target).tempfile_in(folder(target)).map_err(|problem| problem.kind().into())
}

/// A hidden file with the permissions of the one that it replaces, or those of any new file.
fn new_file(target: &Path) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".retrograde-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;
        let old = std::fs::metadata(target).map(|metadata| metadata.permissions());
        builder.permissions(old.unwrap_or_else(|_| Permissions::from_mode(0o666)));
    }
    #[cfg(not(unix))]
    let _ = target;
    builder
}

/// Makes the new name last through a power cut, where the system can. The file itself is on the disk already, so a
/// system that cannot is no failure.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
