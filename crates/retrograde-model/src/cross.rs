//! Cross-validation: every row is judged once, by a model that has not seen it.

use crate::division::{folds_of, test_rows};
use crate::error::ModelError;
use crate::evaluate::Evaluation;
use crate::fit::{FitTerms, StopReason, fit};
use crate::opened::{Keys, Opened};
use crate::prepare::{TargetColumn, encoder_settings, targets_of};
use crate::settings::{FitSettings, SplitBy};
use crate::turns::Turns;
use crate::usable::Usable;
use crate::watch::{Task, Watch};
use retrograde::train::share_out;
use retrograde_data::{Source, Split, Table};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};

/// The folds of a cross-validation and what they have in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossValidation {
    /// One evaluation per fold, of the rows held out.
    pub folds: Vec<Evaluation>,
    /// How the rows were divided into folds.
    pub by: SplitBy,
    /// What was decided about rows on the way, one sentence each.
    pub notes: Vec<String>,
    /// Why the training of each fold ended; after [`StopReason::Asked`] no further fold is trained.
    pub stops: Vec<StopReason>,
    /// The mean of each measure over the folds.
    pub mean: Measures,
    /// The standard deviation of each measure over the folds, with divisor k − 1.
    pub sd: Measures,
}

/// The measures of an [`Evaluation`]; `None` where one of the folds lacks it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Measures {
    /// See [`Evaluation::cost`].
    pub cost: f64,
    /// See [`Evaluation::accuracy`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// See [`Evaluation::log_loss`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// See [`Evaluation::auc`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auc: Option<f64>,
    /// See [`Evaluation::rmse`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rmse: Option<f64>,
    /// See [`Evaluation::mae`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mae: Option<f64>,
    /// See [`Evaluation::r2`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r2: Option<f64>,
}

/// Trains `k` times on all rows but one fold, each time with the same settings, and scores each model on its fold.
///
/// Folds are divided by `settings.split`: seeded, and stratified when classes are predicted; of whole groups; or in an order,
/// where each is judged by what was learnt from all rows before it, and the first rows are judged by nobody. A column that
/// names parts keeps its test rows out of all folds, which are divided by chance. `settings.validation` holds rows of the
/// remaining ones out in the same way, to stop by; `settings.test` holds nothing out, as each fold is a test. The gradient is
/// not checked. A fold whose training diverges is scored with its best finite
/// weights.
///
/// The folds are trained side by side, as many at a time as `settings` allows threads, and each comes out as it would
/// alone. `watch` hears of one after the other: what a fold has to tell before its turn waits, except for its batches.
/// Where `watch` stops one, all are stopped, and it is the last one of the result.
///
/// # Errors
/// [`ModelError::Folds`] for fewer than 2 or more folds than rows, or a class with a single row, which no fold could
/// both learn and judge; otherwise as [`fit`].
pub fn cross_validate(
    table: &Table,
    settings: &FitSettings,
    k: usize,
    watch: &mut (dyn Watch + Send),
) -> Result<CrossValidation, ModelError> {
    let mut settings = FitSettings { check: None, test: None, ..settings.clone() };
    settings.encoder = encoder_settings(&settings);
    let source = Source::from(table);
    let keys = Keys::of(&source, &settings, &settings.encoder)?;
    let (mut rows, mut notes) = {
        let (targets, weight) = (targets_of(&settings), settings.weight.as_deref());
        let usable = Usable::of(table, &targets, weight)?;
        let notes = usable.notes(&targets, weight);
        (usable.rows, notes)
    };
    if let SplitBy::Column(column) = settings.split.clone() {
        // Parts are no folds: those are by chance then.
        settings.split = SplitBy::Chance;
        let test = test_rows(table, &rows, &column);
        rows.retain(|row| test.binary_search(row).is_err());
        if !test.is_empty() {
            notes.push(format!("{} in the part `test` of `{column}`, and in no fold", counted(test.len())));
        }
    }
    let target = TargetColumn::find(Opened::new(&source, &keys), &rows, &settings.encoder)?;
    settings.encoder.task = target.choice();
    check_folds(k, rows.len(), (&target.task, &settings.split))?;
    let how = (&settings.split, target.codes.as_deref());
    let splits = folds_of(table, &rows, (k, settings.train.seed), how)?;
    let (mut evaluations, mut stops) = (Vec::new(), Vec::new());
    for fold in side_by_side(table, &settings, &splits, watch).into_iter().flatten() {
        let (evaluation, stop) = fold?;
        evaluations.push(evaluation);
        stops.push(stop);
        if stop == StopReason::Asked {
            break;
        }
    }
    let measures: Vec<Measures> = evaluations.iter().map(Measures::of).collect();
    let (mean, sd) = (Measures::over(&measures, mean), Measures::over(&measures, deviation));
    Ok(CrossValidation { folds: evaluations, by: settings.split, notes, stops, mean, sd })
}

/// What became of one fold: nothing when it was stopped before it began.
type Judged = Option<Result<(Evaluation, StopReason), ModelError>>;

/// The folds on all threads there are to be: each one's training is the one it would be alone.
fn side_by_side(
    table: &Table,
    settings: &FitSettings,
    splits: &[Split],
    watch: &mut (dyn Watch + Send),
) -> Vec<Judged> {
    let turns = Turns::new(watch, splits.len());
    let failed = AtomicBool::new(false);
    share_out(splits.len(), settings.train.threads, |index, threads| {
        if turns.stopped() || failed.load(Ordering::SeqCst) {
            return None;
        }
        let mut settings = settings.clone();
        settings.train.threads = threads;
        let rows = &splits[index];
        let judged = turns.run(index, |watch| {
            let mut fitted = fit(table.select(&rows.train), &settings, &FitTerms::default(), watch)?;
            fitted.model.settings.threads = threads;
            Ok((fitted.model.evaluate(&table.select(&rows.validation))?, fitted.stop))
        });
        failed.fetch_or(judged.is_err(), Ordering::SeqCst);
        Some(judged)
    })
}

fn counted(rows: usize) -> String {
    crate::words::rows(rows, "is", "are")
}

fn check_folds(k: usize, rows: usize, (task, by): (&Task, &SplitBy)) -> Result<(), ModelError> {
    let refused = |reason: String| Err(ModelError::Folds { found: k, reason });
    if k < 2 || k > rows {
        return refused(format!("expected 2 to {rows}, one row per fold at least"));
    }
    let (Task::Classes { classes, .. }, SplitBy::Chance) = (task, by) else { return Ok(()) };
    match classes.iter().find(|(_, count)| *count < 2) {
        Some((class, _)) => {
            refused(format!("the class `{class}` has a single row, expected at least 2 of every class"))
        }
        None => Ok(()),
    }
}

impl Measures {
    /// The measures of one evaluation.
    pub fn of(evaluation: &Evaluation) -> Self {
        let &Evaluation { cost, accuracy, log_loss, auc, rmse, mae, r2, .. } = evaluation;
        Self { cost, accuracy, log_loss, auc, rmse, mae, r2 }
    }

    /// One figure from the folds' values of each measure.
    fn over(folds: &[Self], figure: fn(&[f64]) -> f64) -> Self {
        let some = |of: fn(&Self) -> Option<f64>| {
            let values: Option<Vec<f64>> = folds.iter().map(of).collect();
            values.map(|values| figure(&values))
        };
        Self {
            cost: figure(&folds.iter().map(|m| m.cost).collect::<Vec<_>>()),
            accuracy: some(|m| m.accuracy),
            log_loss: some(|m| m.log_loss),
            auc: some(|m| m.auc),
            rmse: some(|m| m.rmse),
            mae: some(|m| m.mae),
            r2: some(|m| m.r2),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard deviation with divisor n − 1; 0 for one value.
fn deviation(values: &[f64]) -> f64 {
    let center = mean(values);
    let squares: f64 = values.iter().map(|x| (x - center).powi(2)).sum();
    (squares / (values.len().max(2) - 1) as f64).sqrt()
}
