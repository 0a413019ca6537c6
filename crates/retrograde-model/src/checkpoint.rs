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
use crate::save::{companions, is_stream, write_keeping_previous};
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
    /// One was written again, after others could not be.
    Recovered {
        /// The file.
        path: String,
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
        let [_, before] = companions(path);
        match Self::read(&before) {
            Ok(found) => Ok(Self { instead: Some(first.to_string()), ..found }),
            Err(_) => Err(first),
        }
    }

    fn read(path: &Path) -> Result<Self, ModelError> {
        let name = path.display().to_string();
        let refused = |reason: &str| ModelError::Checkpoint { path: name.clone(), reason: reason.to_owned() };
        let io = |problem: io::Error| refused(&format!("it cannot be read: {problem}"));
        match std::fs::metadata(path) {
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => {
                return Err(refused("there is no such file"));
            }
            Ok(_) if is_stream(path) => return Err(refused("it is no regular file")),
            _ => {}
        }
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

    /// Refuses to begin a training over what is at `path`: a file that is something else, or a training that has not
    /// ended and would be lost. A damaged checkpoint, or one of a training that has ended, may be written over.
    pub(crate) fn expect_free(path: &Path) -> Result<(), ModelError> {
        let name = || path.display().to_string();
        if is_stream(path) {
            return Err(ModelError::Checkpoint { path: name(), reason: "it is no regular file".into() });
        }
        let mut start = Vec::new();
        if let Ok(file) = std::fs::File::open(path) {
            let _ = file.take(MAGIC.len() as u64).read_to_end(&mut start);
            if start != MAGIC && !start.is_empty() {
                return Err(ModelError::Occupied { path: name(), resumable: false });
            }
        }
        match Self::load(path) {
            Ok(found) if !found.description.ended => {
                Err(ModelError::Occupied { path: name(), resumable: true })
            }
            _ => Ok(()),
        }
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
    write_keeping_previous(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dtype, FitSettings, FitTerms, Validation, fit};
    use retrograde_data::embedded;

    /// A checkpoint of a small training, in a folder of its own.
    fn written() -> (tempfile::TempDir, PathBuf, FitSettings) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.ck");
        let mut settings =
            FitSettings { hidden: vec![2], dtype: Dtype::F64, check: None, ..FitSettings::default() };
        settings.encoder.targets = vec!["species".into()];
        settings.train.epochs = Some(3);
        settings.validation = Validation::None;
        train(&settings, &FitTerms { checkpoint: Some(plan(&path)), ..FitTerms::default() }).expect("a fit");
        (folder, path, settings)
    }

    fn plan(path: &Path) -> CheckpointPlan {
        CheckpointPlan { path: path.to_owned(), every: Every::Epochs(1) }
    }

    fn train(settings: &FitSettings, terms: &FitTerms) -> Result<crate::Fitted, ModelError> {
        fit(&embedded("@iris").expect("a set").table, settings, terms, &mut ())
    }

    fn refusal(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.ck");
        std::fs::write(&path, bytes).expect("a file");
        match Checkpoint::load(&path) {
            Ok(_) => "none".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_byte_more_or_less_or_another_is_noticed() {
        let (_folder, path, _) = written();
        let bytes = std::fs::read(&path).expect("a file");
        assert_eq!(refusal(&bytes), "none");
        for at in (0..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            assert!(refusal(&changed).contains("not a whole checkpoint"), "byte {at}");
            assert!(refusal(&bytes[..at]).contains("not a whole checkpoint"), "{at} bytes");
        }
        assert!(refusal(&[&bytes[..], b"x"].concat()).contains("checksum"));
    }

    /// With a checksum that is right, the lengths and the state are still not to be trusted.
    #[test]
    fn what_is_inside_is_not_trusted() {
        let (_folder, path, settings) = written();
        let bytes = std::fs::read(&path).expect("a file");
        let sealed = |inside: &[u8]| [inside, checksum(inside).as_bytes()].concat();
        let mut long = bytes[..bytes.len() - DIGITS].to_vec();
        long[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(refusal(&sealed(&long)).contains("longer than the file"));
        let whole = &bytes[..bytes.len() - DIGITS];
        for cut in [whole.len() - 1, whole.len() - 100] {
            std::fs::write(&path, sealed(&whole[..cut])).expect("a file");
            let error = train(&settings, &FitTerms { resume: Some(path.clone()), ..FitTerms::default() });
            let error = error.expect_err("a state cut off").to_string();
            assert!(error.contains("its state cannot be read"), "{error}");
        }
    }

    #[test]
    fn another_version_is_refused_first() {
        let (_folder, path, settings) = written();
        let found = Checkpoint::load(&path).expect("whole");
        let mut older: serde_json::Value = serde_json::to_value(&found.description).expect("JSON");
        older["version"] = "0.0.9".into();
        let older: Description = serde_json::from_value(older).expect("a description");
        write::<f64>(&path, &older, &found.state_for(&found.description).expect("a state")).expect("written");
        let terms = FitTerms { resume: Some(path), ..FitTerms::default() };
        let error = train(&FitSettings { hidden: vec![3], ..settings }, &terms).expect_err("another version");
        assert!(
            error.details()[0].starts_with("the version of retrograde: now 0.1"),
            "{:?}",
            error.details()
        );
    }

    /// A state of the right network whose parts do not belong together must not be gone on from, nor panic.
    #[test]
    fn states_that_no_training_has_are_refused() {
        let (_folder, path, settings) = written();
        let found = Checkpoint::load(&path).expect("whole");
        let state: TrainState<f64> = found.state_for(&found.description).expect("a state");
        let good = serde_json::to_value(&state).expect("JSON");
        let changes: [fn(&mut serde_json::Value); 6] = [
            |state| state["point"]["theta"] = vec![0.0].into(),
            |state| state["best"]["theta"] = vec![0.0].into(),
            |state| state["method"]["step"]["adam"]["mean"] = Vec::<f64>::new().into(),
            |state| state["epoch"] = 7.into(),
            |state| state["under_way"]["batches"] = 100.into(),
            |state| state["start"] = Vec::<f64>::new().into(),
        ];
        for (k, change) in changes.iter().enumerate() {
            let mut state = good.clone();
            change(&mut state);
            state["stop"] = serde_json::Value::Null;
            let state: TrainState<f64> = serde_json::from_value(state).expect("a state");
            write(&path, &found.description, &state).expect("written");
            let terms = FitTerms { resume: Some(path.clone()), ..FitTerms::default() };
            let error = train(&settings, &terms).expect_err("no such state").to_string();
            assert!(error.contains("the state of the training"), "change {k}: {error}");
        }
    }
}
