//! Checkpoints: a training put down in a file, to be taken up again to the same bits.
//!
//! ```text
//! 8 bytes   RGCKPT1\n
//! 8 bytes   length n of the description, little-endian
//! n bytes   JSON: what the training is of (version, network, rows, settings), see `description.rs`
//! the rest  MessagePack: the state of the training, every float bit by bit
//! 16 bytes  checksum of all before (FNV-1a, as hexadecimal digits)
//! ```
//!
//! A new checkpoint is written as `FILE.new` and flushed to the disk; then the old one, if it is whole, is renamed to
//! `FILE.previous` and the new one to `FILE`. Whenever the machine stops, one of the three is whole.

mod description;
mod keeper;
#[cfg(test)]
mod tests;

pub(crate) use description::Description;
pub(crate) use keeper::Keeper;

use crate::error::ModelError;
use crate::file::{checksum, checksum_of};
use crate::model::Number;
use crate::save::{Old, companions, is_stream, pointed_to, write_keeping_previous};
use retrograde::TrainState;
use serde::Deserialize;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Where and how often a training is put down.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointPlan {
    /// The file.
    pub path: PathBuf,
    /// When.
    pub every: Every,
}

/// How often a checkpoint is written; besides, one is written when the training ends or is interrupted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Every {
    /// When so many seconds have passed since the last one.
    Seconds(f64),
    /// After so many epochs (iterations of a method that takes all rows).
    Epochs(usize),
}

impl Default for Every {
    /// Half a minute.
    fn default() -> Self {
        Self::Seconds(30.0)
    }
}

/// What happened to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointEvent {
    /// The training goes on from one.
    Resumed {
        /// The file that was read.
        path: String,
        /// Epochs that were over.
        epochs: usize,
        /// Batches done of the next.
        batches: usize,
        /// Why it was not the file that was named, but the one before it.
        instead: Option<String>,
    },
    /// One could not be written. The training goes on, and the one before is as it was.
    Failed {
        /// The file.
        path: String,
        /// The system's answer.
        problem: String,
    },
    /// One was written again, after others could not be.
    Recovered {
        /// The file.
        path: String,
    },
}

const MAGIC: &[u8; 8] = b"RGCKPT1\n";
const DIGITS: usize = 16;
/// The largest description; an encoder with every category of a large table is far below.
const MAX_DESCRIPTION: u64 = 64 << 20;
/// The most that history and the names of fields take.
const MAX_REST: u64 = 256 << 20;

/// What every version can read of a description.
#[derive(Deserialize)]
struct Head {
    version: String,
    ended: bool,
}

/// A checkpoint as it was read: whole, but not yet known to be of this training.
pub(crate) struct Checkpoint {
    head: Head,
    /// None when it is another version's.
    description: Option<Description>,
    state: Vec<u8>,
    path: PathBuf,
    instead: Option<String>,
}

impl Checkpoint {
    /// Reads `path`, or where that is missing or damaged the one written beside it, or the one before.
    pub(crate) fn load(path: &Path) -> Result<Self, ModelError> {
        let first = match Self::read(path) {
            Ok(found) => return Ok(found),
            Err(problem) => problem,
        };
        match companions(path).iter().find_map(|companion| Self::read(companion).ok()) {
            Some(found) => Ok(Self { instead: Some(first.to_string()), ..found }),
            None => Err(first),
        }
    }

    fn read(path: &Path) -> Result<Self, ModelError> {
        let name = path.display().to_string();
        let refused = |reason: &str| ModelError::Checkpoint { path: name.clone(), reason: reason.to_owned() };
        let io = |problem: io::Error| refused(&format!("it cannot be read: {problem}"));
        let length = match std::fs::metadata(path) {
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => {
                return Err(refused("there is no such file"));
            }
            Ok(_) if is_stream(path) => return Err(refused("it is no regular file")),
            found => found.map_err(io)?.len(),
        };
        let mut file = std::fs::File::open(path).map_err(io)?;
        let mut start = Vec::new();
        (&mut file).take(2 * MAGIC.len() as u64).read_to_end(&mut start).map_err(io)?;
        if !start.starts_with(MAGIC) {
            return Err(refused("it does not begin as one"));
        }
        let rest = length.checked_sub(2 * MAGIC.len() as u64 + DIGITS as u64);
        let rest = rest.ok_or_else(|| refused("it is cut off"))?;
        let of_description =
            start[MAGIC.len()..].iter().rev().fold(0u64, |n, &byte| n << 8 | u64::from(byte));
        if of_description > rest.min(MAX_DESCRIPTION) {
            return Err(refused("it is cut off or altered: its description is longer than the file"));
        }
        let mut text = Vec::new();
        (&mut file).take(of_description).read_to_end(&mut text).map_err(io)?;
        let description: Option<Description> = serde_json::from_slice(&text).ok();
        // Nothing larger than such a training can have is read, however long the file says it is.
        let most = description.as_ref().map_or(MAX_REST, |d| d.state_bytes().saturating_add(MAX_REST));
        let of_state = rest - of_description;
        if of_state > most {
            return Err(refused("its state is larger than that of such a training"));
        }
        let (mut state, mut digits) = (Vec::new(), Vec::new());
        (&mut file).take(of_state).read_to_end(&mut state).map_err(io)?;
        (&mut file).take(DIGITS as u64).read_to_end(&mut digits).map_err(io)?;
        if checksum_of([&start, &text, &state].into_iter()).as_bytes() != digits {
            return Err(refused("its checksum does not match: it is cut off or altered"));
        }
        let head = serde_json::from_slice(&text)
            .map_err(|error| refused(&format!("its description cannot be read: {error}")))?;
        Ok(Self { head, description, state, path: path.to_owned(), instead: None })
    }

    /// Refuses to begin a training over what is at `path`: a file that is something else, or a training that has not
    /// ended and would be lost. A damaged checkpoint, or one of a training that has ended, may be written over.
    pub(crate) fn expect_free(path: &Path) -> Result<(), ModelError> {
        Self::expect_own(path)?;
        match Self::load(path) {
            Ok(found) if !found.head.ended => {
                Err(ModelError::Occupied { path: path.display().to_string(), resumable: true })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a path at which, or beside which, there is something that is no checkpoint, not even half of one.
    pub(crate) fn expect_own(path: &Path) -> Result<(), ModelError> {
        let [beside, before] = companions(path);
        for path in [path, &beside, &before] {
            let name = || path.display().to_string();
            if is_stream(path) {
                return Err(ModelError::Checkpoint { path: name(), reason: "it is no regular file".into() });
            }
            let mut start = Vec::new();
            let opened = std::fs::File::open(path);
            match opened.and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start)) {
                Err(problem) if problem.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(ModelError::Io { action: "read", path: name(), source }),
                Ok(_) if MAGIC.starts_with(&start) => {}
                Ok(_) => return Err(ModelError::Occupied { path: name(), resumable: false }),
            }
        }
        Ok(())
    }

    /// When it was found as `FILE.new`, where the next write would begin by taking it away: makes it `FILE`.
    pub(crate) fn promote(&self, path: &Path) -> Result<(), ModelError> {
        let [beside, _] = companions(path);
        if self.path != beside {
            return Ok(());
        }
        std::fs::rename(&beside, pointed_to(path)).map_err(|source| ModelError::Io {
            action: "write",
            path: path.display().to_string(),
            source,
        })
    }

    /// The state, when the checkpoint is of the training described by `now`.
    pub(crate) fn state_for<T: Number>(&self, now: &Description) -> Result<TrainState<T>, ModelError> {
        let path = self.path.display().to_string();
        let difference = match &self.description {
            Some(kept) => kept.difference(now),
            None => now.other_version(&self.head.version),
        };
        match (difference, &self.description) {
            (Some(difference), _) => return Err(ModelError::Resume { path, difference }),
            (None, None) => {
                return Err(ModelError::Checkpoint { path, reason: "its description cannot be read".into() });
            }
            (None, Some(_)) => {}
        }
        rmp_serde::from_slice(&self.state).map_err(|error| ModelError::Checkpoint {
            path,
            reason: format!("its state cannot be read: {error}"),
        })
    }

    /// What to tell about it.
    pub(crate) fn resumed<T: Number>(&self, state: &TrainState<T>) -> CheckpointEvent {
        let (epochs, batches) = state.place();
        let path = self.path.display().to_string();
        CheckpointEvent::Resumed { path, epochs, batches, instead: self.instead.clone() }
    }
}

/// Writes a checkpoint, keeping the one before.
fn write<T: Number>(
    path: &Path,
    description: &Description,
    state: &TrainState<T>,
    old: Old,
) -> io::Result<()> {
    let mut description = description.clone();
    description.ended = state.has_ended();
    let description = serde_json::to_vec(&description).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(description.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&description);
    rmp_serde::encode::write_named(&mut bytes, state).map_err(io::Error::other)?;
    let digits = checksum(&bytes);
    bytes.extend_from_slice(digits.as_bytes());
    write_keeping_previous(path, &bytes, old)
}
