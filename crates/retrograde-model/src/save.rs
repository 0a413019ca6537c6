//! Writing a model file so that there is never half of one.

use crate::error::ModelError;
use crate::model::Model;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

impl Model {
    /// Writes the model beside `path`, flushes it to the disk, and renames it: at every moment `path` is the old file or
    /// the new one. A symbolic link keeps pointing where it does. A device or a pipe is written to as it is.
    ///
    /// # Errors
    /// [`ModelError::Io`] when the folder or the file cannot be written; what was at `path` is as it was.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let bytes = self.to_bytes()?;
        write(path, &bytes).map_err(|source| ModelError::Io {
            action: "write",
            path: path.display().to_string(),
            source,
        })
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => std::fs::canonicalize(path)?,
        // Renaming over /dev/null would replace the device for everyone.
        Ok(_) => return OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Err(_) => path.to_owned(),
    };
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut beside = new_file(&target).tempfile_in(&folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(&target).map_err(|error| error.error)?;
    sync_folder(&folder);
    Ok(())
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
