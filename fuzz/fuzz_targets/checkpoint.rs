//! The first byte chooses a training, and whether the rest is its state, its description, or the whole file. The training goes on from it,
//! or says why not; a model that comes out of it can be kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_fuzz::models::{TABLE, TRAININGS, checkpoint, file, settings, split_checkpoint, trained};
use retrograde_model::{FitTerms, Model, fit};
use std::path::PathBuf;
use std::sync::LazyLock;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| file("ck"));

/// The checkpoints of all trainings.
static TRAINED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| (0..TRAININGS).map(trained).collect());

fuzz_target!(|bytes: &[u8]| {
    let [how, rest @ ..] = bytes else { return };
    let which = usize::from(*how) % TRAININGS;
    let (description, state) = split_checkpoint(&TRAINED[which]).expect("a checkpoint");
    let written = match how >> 6 {
        0 => checkpoint(description, rest),
        1 => checkpoint(rest, state),
        _ => rest.to_vec(),
    };
    std::fs::write(&*FILE, written).expect("a file");
    let terms = FitTerms { resume: Some(FILE.clone()), ..FitTerms::default() };
    match fit(&*TABLE, &settings(which), &terms, &mut ()) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(fitted) => {
            let kept = fitted.model.to_bytes().expect("a model");
            Model::from_bytes("m.rg", &kept).expect("a model that can be read again");
        }
    }
});
