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
//! A new checkpoint is written beside the old one and flushed to the disk; then the old one is renamed to
//! `FILE.previous` and the new one to `FILE`. Whenever the machine stops, one of the two is whole.

mod description;
mod keeper;

pub(crate) use description::Description;
pub(crate) use keeper::Keeper;

use crate::error::ModelError;
use crate::file::checksum;
use crate::model::Number;
use crate::save::{previous, write_keeping_previous};
use retrograde::TrainState;
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
}

const MAGIC: &[u8; 8] = b"RGCKPT1\n";
const DIGITS: usize = 16;
/// The largest description; an encoder with every category of a large table is far below.
const MAX_DESCRIPTION: usize = 64 << 20;
/// The most that is read: the start, the best, the gradient and some twenty pairs of L-BFGS of the largest network.
const MAX_FILE: u64 = 1 << 40;

/// A checkpoint as it was read: whole, but not yet known to be of this training.
pub(crate) struct Checkpoint {
    pub(crate) description: Description,
    state: Vec<u8>,
    path: PathBuf,
    instead: Option<String>,
}

impl Checkpoint {
    /// Reads `path`, or the one before it where that is missing or damaged.
    pub(crate) fn load(path: &Path) -> Result<Self, ModelError> {
        let first = match Self::read(path) {
            Ok(found) => return Ok(found),
            Err(problem) => problem,
        };
        match Self::read(&previous(path)) {
            Ok(found) => Ok(Self { instead: Some(first.to_string()), ..found }),
            Err(_) => Err(first),
        }
    }

    fn read(path: &Path) -> Result<Self, ModelError> {
        let name = path.display().to_string();
        let io = |source| ModelError::Io { action: "read", path: name.clone(), source };
        let refused = |reason: &str| ModelError::Checkpoint { path: name.clone(), reason: reason.to_owned() };
        let file = std::fs::File::open(path).map_err(io)?;
        let mut bytes = Vec::new();
        let mut start = file.take(MAX_FILE);
        start.by_ref().take(MAGIC.len() as u64).read_to_end(&mut bytes).map_err(io)?;
        if bytes != MAGIC {
            return Err(refused("it does not begin as one"));
        }
        start.read_to_end(&mut bytes).map_err(io)?;
        let whole = bytes.len().checked_sub(DIGITS).filter(|&end| end >= 2 * MAGIC.len());
        let end = whole.ok_or_else(|| refused("it is cut off"))?;
        if checksum(&bytes[..end]).as_bytes() != &bytes[end..] {
            return Err(refused("its checksum does not match: it is cut off or altered"));
        }
        let length = bytes[8..16].iter().rev().fold(0u64, |n, &byte| n << 8 | u64::from(byte));
        let length = usize::try_from(length).ok().filter(|&n| n <= MAX_DESCRIPTION && n <= end - 16);
        let length = length.ok_or_else(|| refused("its description is longer than the file"))?;
        let description = serde_json::from_slice(&bytes[16..16 + length])
            .map_err(|error| refused(&format!("its description cannot be read: {error}")))?;
        let state = bytes[16 + length..end].to_vec();
        Ok(Self { description, state, path: path.to_owned(), instead: None })
    }

    /// The state, when the checkpoint is of the training described by `now`.
    pub(crate) fn state_for<T: Number>(&self, now: &Description) -> Result<TrainState<T>, ModelError> {
        let path = self.path.display().to_string();
        if let Some(difference) = self.description.difference(now) {
            return Err(ModelError::Resume { path, difference });
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
fn write<T: Number>(path: &Path, description: &Description, state: &TrainState<T>) -> io::Result<()> {
    let description = serde_json::to_vec(description).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(description.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&description);
    rmp_serde::encode::write_named(&mut bytes, state).map_err(io::Error::other)?;
    let digits = checksum(&bytes);
    bytes.extend_from_slice(digits.as_bytes());
    write_keeping_previous(path, &bytes)
}
