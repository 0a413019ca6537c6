//! Checkpoints that come back, and those that do not.

use super::*;
use crate::{Dtype, FitSettings, FitTerms, Validation, fit};
use retrograde_data::embedded;

/// A checkpoint of a small training, in a folder of its own.
fn written() -> (tempfile::TempDir, PathBuf, FitSettings) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.ck");
    let mut settings =
        FitSettings { hidden: vec![2].into(), dtype: Dtype::F64, check: None, ..FitSettings::default() };
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
    let kept = found.description.as_ref().expect("of this version");
    let mut older: serde_json::Value = serde_json::to_value(kept).expect("JSON");
    assert_eq!(older["ended"], true);
    older["ended"] = false.into();
    // Once with a description that this version can read, and once with one that it cannot.
    for change in ["version", "settings"] {
        older[change] = "0.0.9".into();
        let text = older.to_string();
        let length = (text.len() as u64).to_le_bytes();
        let inside = [&MAGIC[..], &length, text.as_bytes(), &found.state].concat();
        std::fs::write(&path, [&inside[..], checksum(&inside).as_bytes()].concat()).expect("written");
        let terms = FitTerms { resume: Some(path.clone()), ..FitTerms::default() };
        let changed = FitSettings { hidden: vec![3].into(), ..settings.clone() };
        let error = train(&changed, &terms).expect_err("another version");
        let details = error.details();
        assert!(details[0].starts_with("the version of retrograde: now 0.1"), "{change}: {details:?}");
        // It has not ended, and is nothing to write over.
        let terms = FitTerms { checkpoint: Some(plan(&path)), ..FitTerms::default() };
        assert!(matches!(train(&changed, &terms), Err(ModelError::Occupied { resumable: true, .. })));
    }
}

/// The moments between the renames, and before them: whichever file is whole is found, and going on from it leaves
/// a whole one at every moment.
#[test]
fn wherever_it_was_stopped_one_is_found() {
    let whole = |path: &Path| Checkpoint::read(path).is_ok();
    for there in [
        ["", "whole", "damaged"],
        ["damaged", "whole", ""],
        ["damaged", "damaged", "whole"],
        ["", "", "whole"],
    ] {
        let (_folder, path, settings) = written();
        let bytes = std::fs::read(&path).expect("a file");
        let [beside, before] = companions(&path);
        for (path, what) in [&path, &beside, &before].into_iter().zip(there) {
            let _ = std::fs::remove_file(path);
            match what {
                "whole" => std::fs::write(path, &bytes).expect("a file"),
                "damaged" => std::fs::write(path, &bytes[..bytes.len() / 2]).expect("a file"),
                _ => {}
            }
        }
        let terms =
            FitTerms { resume: Some(path.clone()), checkpoint: Some(plan(&path)), ..FitTerms::default() };
        let found = train(&settings, &terms).expect("a fit");
        assert_eq!(found.model.history().len(), 3, "{there:?}");
        assert!(whole(&path), "{there:?}");
        // The only whole one was not renamed over by a damaged one.
        assert!(there[2] != "whole" || whole(&before), "{there:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_keeps_pointing_where_it_does() {
    let (folder, path, settings) = written();
    let link = folder.path().join("link.ck");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let bytes = std::fs::read(&path).expect("a file");
    std::fs::write(&path, &bytes[..100]).expect("a file");
    std::fs::write(companions(&path)[1].as_path(), &bytes).expect("a file");
    let terms = FitTerms { resume: Some(link.clone()), checkpoint: Some(plan(&link)), ..FitTerms::default() };
    train(&settings, &terms).expect("the one before is found beside the file itself");
    assert!(std::fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert!(Checkpoint::read(&path).is_ok());
}

/// A state of the right network whose parts do not belong together must not be gone on from, nor panic.
#[test]
fn states_that_no_training_has_are_refused() {
    let (_folder, path, settings) = written();
    let found = Checkpoint::load(&path).expect("whole");
    let description = found.description.as_ref().expect("of this version");
    let state: TrainState<f64> = found.state_for(description).expect("a state");
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
        write(&path, description, &state, Old::Replace).expect("written");
        let terms = FitTerms { resume: Some(path.clone()), ..FitTerms::default() };
        let error = train(&settings, &terms).expect_err("no such state").to_string();
        assert!(error.contains("the state of the training"), "change {k}: {error}");
    }
}

/// What a model could not be read again with is refused before there is one.
#[test]
fn weights_and_counts_that_are_not_finite_are_refused() {
    let (_folder, path, settings) = written();
    let found = Checkpoint::load(&path).expect("whole");
    let bytes = std::fs::read(&path).expect("a file");
    let head = &bytes[..bytes.len() - DIGITS - found.state.len()];
    // The last number of that name: MessagePack writes a float as the byte 0xcb, then its own eight.
    for name in ["best", "evaluations"] {
        let mut state = found.state.clone();
        let named = |at: &usize| state[*at..].starts_with(name.as_bytes());
        let at = (0..state.len()).rfind(named).expect("a field");
        let float = at + state[at..].iter().position(|&byte| byte == 0xcb).expect("a float");
        state[float + 1..float + 9].copy_from_slice(&f64::NAN.to_be_bytes());
        let inside = [head, &state].concat();
        std::fs::write(&path, [&inside[..], checksum(&inside).as_bytes()].concat()).expect("written");
        let terms = FitTerms { resume: Some(path.clone()), ..FitTerms::default() };
        let error = train(&settings, &terms).expect_err("no such state").to_string();
        assert!(error.contains("not finite"), "{name}: {error}");
    }
}
