//! A table in pieces trains the model that the whole table trains; streamed rows train a good one.

#[cfg(target_os = "linux")]
use retrograde::{EpochRecord, Flow};
use retrograde_data::{ReadOptions, Source, Table, read, scan_csv};
use retrograde_model::{
    CheckpointPlan, Every, FitSettings, FitTerms, Fitted, ModelError, Streaming, Validation, fit,
};
#[cfg(target_os = "linux")]
use retrograde_model::{StopReason, Watch};
use std::fmt::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

/// Numbers, a category, a date, missing cells, repeated rows and a class that depends on them, in a file of several blocks.
fn table(rows: usize) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("x,shade,when,filler,y\n");
    let mut state = 9_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for row in 0..rows {
        let row = if row % 50 == 7 { row - 7 } else { row };
        let (x, shade) = (next() % 1000, ["red", "green", "dark blue"][next() % 3]);
        let x = if row % 11 == 3 { String::new() } else { format!("{}.{x}", x % 7) };
        let y = if (row % 28 < 14) == (shade == "red") { "yes" } else { "no" };
        writeln!(text, "{x},{shade},2024-01-{:02},{:060},{y}", row % 28 + 1, row % 97).expect("text");
    }
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).expect("a file");
    (folder, path)
}

fn settings(epochs: usize) -> FitSettings {
    let mut settings = FitSettings { hidden: vec![8].into(), ..FitSettings::default() };
    settings.encoder.targets = vec!["y".into()];
    settings.train.epochs = Some(epochs);
    settings.train.patience = epochs;
    settings.train.seed = 4;
    settings
}

fn streamed(epochs: usize, window: usize) -> FitSettings {
    let streaming = Streaming { folder: std::env::temp_dir(), window: Some(window) };
    FitSettings { streaming: Some(streaming), ..settings(epochs) }
}

fn trained<'a>(table: impl Into<Source<'a>>, settings: &FitSettings) -> Fitted {
    fit(table, settings, &FitTerms::default(), &mut ()).expect("a training")
}

fn whole(path: &std::path::Path) -> Table {
    read(path, &ReadOptions::default()).expect("a table")
}

#[test]
fn pieces_train_the_model_of_the_whole() {
    let (_folder, path) = table(36_000);
    let source = scan_csv(&path, &ReadOptions::default()).expect("a table");
    assert!(source.pieces(None).expect("pieces").count() > 1, "one piece shows nothing");
    let table = whole(&path);
    let in_pieces = trained(&source, &settings(2));
    let at_once = trained(&table, &settings(2));
    assert!(at_once.model.provenance().split.duplicates > 0, "repeated rows are counted");
    assert_eq!(in_pieces.train, at_once.train);
    assert_eq!(in_pieces.validation, at_once.validation);
    assert_eq!(
        in_pieces.model.to_bytes().expect("a model"),
        at_once.model.to_bytes().expect("a model"),
        "to the byte"
    );
    // Through the file too: it does not matter where the rows were cut on the way into it.
    let bytes = |fitted: Fitted| fitted.model.to_bytes().expect("a model");
    assert!(bytes(trained(&source, &streamed(1, 5_000))) == bytes(trained(&table, &streamed(1, 5_000))));
}

#[test]
fn a_window_that_holds_all_rows_changes_nothing() {
    let (_folder, path) = table(600);
    let table = whole(&path);
    let (all, none) = (trained(&table, &streamed(4, 600)), trained(&table, &settings(4)));
    assert_eq!(all.model.to_bytes().expect("a model"), none.model.to_bytes().expect("a model"));
}

#[test]
fn streamed_rows_are_learnt_and_scored_as_those_in_memory() {
    let (_folder, path) = table(6_000);
    let source = scan_csv(&path, &ReadOptions::default()).expect("a table");
    for weighted in [false, true] {
        let mut wanted = streamed(40, 500);
        wanted.weight = weighted.then(|| "filler".to_owned());
        wanted.test = Some(0.2);
        let fitted = trained(&source, &wanted);
        let other = trained(&source, &FitSettings { streaming: None, ..wanted.clone() });
        let accuracy =
            |fitted: &Fitted| fitted.validation.as_ref().and_then(|v| v.accuracy).expect("classes");
        assert!(accuracy(&fitted) > 0.97 && accuracy(&other) > 0.97, "{fitted:?}");
        // The same rows, scored in memory: what is on the way through the file changes no score.
        let (train, table) = (fitted.train, whole(&path));
        let held =
            fitted.validation.as_ref().map_or(0, |v| v.rows) + fitted.test.as_ref().map_or(0, |t| t.rows);
        let all = fitted.model.evaluate(&table).expect("scores");
        let parts = [fitted.validation.as_ref(), fitted.test.as_ref()];
        let weight = |rows: usize, sum: Option<f64>| sum.unwrap_or(rows as f64);
        let known: f64 = parts.iter().flatten().map(|e| e.cost * weight(e.rows, e.weight_sum)).sum();
        let (total, away) = (
            weight(all.rows, all.weight_sum),
            parts.iter().flatten().map(|e| weight(e.rows, e.weight_sum)).sum::<f64>(),
        );
        let expected = (all.cost * total - known) / (total - away);
        assert!(
            held > 0 && (train.loss - expected).abs() < 1e-6 * (1.0 + expected),
            "{} {expected}",
            train.loss
        );
        assert!(train.cost > train.loss, "the penalty is in the cost");
        assert!(
            fitted.check.is_some_and(|check| check.verdict == retrograde::Verdict::Agrees),
            "the derivatives are checked"
        );
    }
}

#[test]
fn the_result_of_a_stream_does_not_depend_on_threads() {
    let (_folder, path) = table(3_000);
    let table = whole(&path);
    let bytes = |threads: usize| {
        let mut wanted = streamed(3, 400);
        wanted.train.threads = threads;
        trained(&table, &wanted).model.to_bytes().expect("a model")
    };
    let one = bytes(1);
    assert_eq!(one, bytes(2));
    assert_eq!(one, bytes(3));
    assert_ne!(one, trained(&table, &settings(3)).model.to_bytes().expect("a model"), "another order");
}

#[test]
fn a_streamed_training_is_resumed() {
    let (folder, path) = table(2_000);
    let table = whole(&path);
    let straight = trained(&table, &streamed(6, 300)).model.to_bytes().expect("a model");
    let checkpoint = folder.path().join("run.ck");
    let plan = CheckpointPlan { path: checkpoint.clone(), every: Every::Epochs(1) };
    let mut epochs = 0;
    let mut stop_early = StopAfter { epochs: &mut epochs, most: 3 };
    let terms = FitTerms { checkpoint: Some(plan.clone()), ..FitTerms::default() };
    fit(&table, &streamed(6, 300), &terms, &mut stop_early).expect("a part of a training");
    let resume = FitTerms { checkpoint: Some(plan), resume: Some(checkpoint), ..FitTerms::default() };
    let other = fit(&table, &streamed(6, 301), &resume, &mut ()).expect_err("another window");
    assert!(other.details().iter().any(|line| line.contains("window")), "{:?}", other.details());
    let resumed = fit(&table, &streamed(6, 300), &resume, &mut ()).expect("the rest");
    assert_eq!(resumed.model.to_bytes().expect("a model"), straight);
}

/// Asks to stop after some epochs.
struct StopAfter<'a> {
    epochs: &'a mut usize,
    most: usize,
}

impl retrograde_model::Watch for StopAfter<'_> {
    fn epoch(&mut self, _: &retrograde::EpochRecord, _: bool, _: f64) -> retrograde::Flow {
        *self.epochs += 1;
        if *self.epochs >= self.most { retrograde::Flow::Stop } else { retrograde::Flow::Continue }
    }
}

#[test]
fn what_needs_all_rows_says_so() {
    let (_folder, path) = table(600);
    let table = whole(&path);
    let mut wanted = streamed(3, 100);
    wanted.train.optimizer = retrograde::Optimizer::from_name("lbfgs").expect("a method");
    let error = fit(&table, &wanted, &FitTerms::default(), &mut ()).expect_err("a batch method");
    assert!(error.to_string().contains("window"), "{error}");
    let mut wanted = streamed(3, 100);
    wanted.streaming = Some(Streaming { folder: "/no/such/folder".into(), window: Some(100) });
    wanted.validation = Validation::None;
    let error = fit(&table, &wanted, &FitTerms::default(), &mut ()).expect_err("no folder");
    assert!(matches!(error, ModelError::Scratch { .. }), "{error}");
}

/// Cuts the file of encoded rows off after an epoch: the disk is gone.
#[cfg(target_os = "linux")]
struct Cut {
    folder: PathBuf,
    after: usize,
}

#[cfg(target_os = "linux")]
impl Watch for Cut {
    fn epoch(&mut self, record: &EpochRecord, _best: bool, _seconds: f64) -> Flow {
        if record.epoch == self.after {
            for entry in std::fs::read_dir("/proc/self/fd").expect("open files") {
                let path = entry.expect("an open file").path();
                if std::fs::read_link(&path).is_ok_and(|file| file.starts_with(&self.folder)) {
                    let file = std::fs::OpenOptions::new().write(true).open(&path).expect("the file");
                    file.set_len(0).expect("an empty file");
                }
            }
        }
        Flow::Continue
    }
}

#[cfg(target_os = "linux")]
#[test]
fn rows_that_are_lost_leave_the_best_weights() {
    let (_folder, path) = table(4_000);
    let table = whole(&path);
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = streamed(6, 500);
    settings.streaming = Some(Streaming { folder: folder.path().to_owned(), window: Some(500) });
    let mut watch = Cut { folder: folder.path().to_owned(), after: 3 };
    match fit(&table, &settings, &FitTerms::default(), &mut watch).map(|fitted| fitted.stop) {
        Err(ModelError::ScratchLost { model: Some(model), .. }) => {
            assert_eq!(model.stop(), StopReason::Lost);
            assert!((1..=4).contains(&model.best_epoch()), "{}", model.best_epoch());
            assert!(model.predict(&table).is_ok());
        }
        other => panic!("{other:?}"),
    }
}
