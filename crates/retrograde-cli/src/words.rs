//! The words of the command line, for what repeats them: a command to paste is the one that was given, and a little more.

use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

/// Of the command that runs: inside another program, that program's words are others.
static WORDS: Mutex<Vec<OsString>> = Mutex::new(Vec::new());

/// Keeps them.
pub(crate) fn remember(words: &[OsString]) {
    *WORDS.lock().unwrap_or_else(PoisonError::into_inner) = words.to_vec();
}

/// What was written after the command's own name.
pub(crate) fn given() -> Vec<String> {
    let words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    words.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
}
