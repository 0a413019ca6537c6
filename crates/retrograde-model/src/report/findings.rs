//! What stands out, in sentences, and what to do about it. `docs/report.md` states every threshold.

use super::{Report, brief};
use crate::figure::shortened;
use crate::fit::StopReason;
use crate::words::count;
use retrograde::layers::health::{LayerHealth, SAME};
use retrograde::layers::{FLAT, MOSTLY};
use retrograde::{Activation, EpochRecord, Verdict};
use serde::Serialize;

/// The most findings of a report.
const MOST: usize = 5;
/// Layers between which the mean |δ| falls by more than this vanish.
const VANISHING: f64 = 1e3;
/// An input whose spread is more than so many times the median one is not scaled.
const UNSCALED: f64 = 100.0;
/// A share of dead or saturated units that costs something.
const MANY: f64 = 0.1;
/// A class with at least this share of the rows should be predicted at least once …
const RARE: f64 = 0.01;
/// … and with at least so many rows.
const FEW: usize = 10;
/// Probabilities that are further off than this, on average, over at least so many rows.
const MISCALIBRATED: (f64, usize) = (0.1, 200);
/// The share by which the cost still fell over the last quarter of a training that was not finished: a learning rate that
/// falls to 0 makes the last epochs flat.
const FALLING: f64 = 0.1;

/// What stands out; in the order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Backpropagation and the numerical derivatives differ.
    CheckDiffers,
    /// The same answer for every row would do as well.
    NoBetterThanOneAnswer,
    /// Hardly any error reaches the first layer.
    VanishingGradient,
    /// Many units of relu that are 0 in every row.
    DeadUnits,
    /// Units of sigmoid or tanh where g is flat.
    SaturatedUnits,
    /// Inputs of far larger numbers than the others.
    UnscaledInputs,
    /// A class that is never said.
    ClassNeverSaid,
    /// Probabilities that are not what they say.
    Miscalibrated,
    /// The cost was still falling when the epochs ended.
    NotFinished,
    /// Units that repeat others.
    DuplicateUnits,
}

/// One thing that stands out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The sentence, with its numbers.
    pub text: String,
    /// What to do about it.
    pub advice: String,
    /// The number that was found.
    pub value: f64,
    /// The number beyond which it is a finding.
    pub threshold: f64,
}

impl Finding {
    fn new(kind: FindingKind, (value, threshold): (f64, f64), text: String, advice: &str) -> Self {
        Self { kind, text, advice: advice.to_owned(), value, threshold }
    }
}

/// The findings, the most serious first.
pub(super) fn of(report: &Report) -> Vec<Finding> {
    let one_answer = one_answer(report);
    // A class that is never said is no wonder then.
    let never_said = if one_answer.is_some() { None } else { never_said(report) };
    let mut found: Vec<Finding> = [
        differs(report),
        one_answer,
        vanishing(&report.layers),
        dead(&report.layers),
        saturated(&report.layers),
        unscaled(report),
        never_said,
        miscalibrated(report),
        not_finished(report),
        duplicates(&report.layers),
    ]
    .into_iter()
    .flatten()
    .collect();
    found.sort_by_key(|finding| finding.kind);
    found.truncate(MOST);
    found
}

fn differs(report: &Report) -> Option<Finding> {
    let check = &report.check;
    if check.verdict != Verdict::Differs {
        return None;
    }
    let value = check.count(Verdict::Differs);
    let text = format!(
        "The gradient check fails: {} of {} derivatives differ from their numerical twins, so training follows a wrong slope.",
        count(value),
        count(check.results.len())
    );
    let advice = "See which with `retrograde check MODEL DATA --all`, and do not rely on this model.";
    Some(Finding::new(FindingKind::CheckDiffers, (value as f64, 0.0), text, advice))
}

/// Against the best that can be said without looking at the inputs.
fn one_answer(report: &Report) -> Option<Finding> {
    let (text, value) = match (brief::shares(&report.scores), report.scores.log_loss) {
        (Some(shares), Some(log_loss)) if shares.entropy > 0.0 => (
            format!(
                "Saying the classes' shares for every row would do at least as well: log loss {:.4} against {:.4}.",
                log_loss, shares.entropy
            ),
            log_loss / shares.entropy,
        ),
        _ => {
            let r2 = report.scores.r2?;
            (format!("Saying the mean for every row would do at least as well: R² is {r2:.3}."), 1.0 - r2)
        }
    };
    let advice = "Train longer, give it columns that tell something of the target, or use rows like those it was trained on.";
    (value >= 1.0).then(|| Finding::new(FindingKind::NoBetterThanOneAnswer, (value, 1.0), text, advice))
}

fn vanishing(layers: &[LayerHealth]) -> Option<Finding> {
    let hidden: Vec<&LayerHealth> = layers.iter().filter(|layer| layer.activation.is_some()).collect();
    let (first, last) = (hidden.first()?, hidden.last()?);
    let value = last.mean_delta / first.mean_delta;
    if !(value > VANISHING) {
        return None;
    }
    let times = if value.is_finite() {
        format!(", {} times less (more than 1,000 is a finding)", count(value.round() as usize))
    } else {
        String::new()
    };
    let text = format!(
        "The gradient vanishes: the mean |δ| falls from {:.1e} in layer {} to {:.1e} in layer {}{times}.",
        last.mean_delta, last.l, first.mean_delta, first.l
    );
    let advice = if hidden.iter().all(|layer| layer.activation == Some(Activation::Relu)) {
        "The first layers hardly learn: fewer layers, or another `--seed`."
    } else {
        "The first layers hardly learn: fewer layers, or `--activation relu`."
    };
    Some(Finding::new(FindingKind::VanishingGradient, (value, VANISHING), text, advice))
}

/// `3 of 32 units of layer 2, 1 of 8 units of layer 3`, and the largest share.
fn units(layers: &[LayerHealth], of: fn(&LayerHealth) -> usize) -> Option<(String, f64)> {
    let hit = || layers.iter().filter(|layer| of(layer) > 0);
    let part = |layer: &LayerHealth| format!("{} of {} units of layer {}", of(layer), layer.units, layer.l);
    let parts: Vec<String> = hit().take(4).map(part).collect();
    let share = hit().map(|layer| of(layer) as f64 / layer.units as f64).fold(0.0, f64::max);
    let more = if hit().count() > parts.len() { " and others" } else { "" };
    (!parts.is_empty()).then(|| (format!("{}{more}", parts.join(", ")), share))
}

fn dead(layers: &[LayerHealth]) -> Option<Finding> {
    let (which, value) = units(layers, |layer| layer.dead.len())?;
    let text = format!("Dead units: {which} are 0 in every row, so no row can change the weights into them.");
    let advice = if value < MANY {
        "So few do no harm."
    } else {
        "A smaller `--learning-rate`, or `--activation leaky_relu`, keeps units alive."
    };
    Some(Finding::new(FindingKind::DeadUnits, (value, 0.0), text, advice))
}

fn saturated(layers: &[LayerHealth]) -> Option<Finding> {
    let (which, value) = units(layers, |layer| layer.saturated.len())?;
    let text = format!(
        "Saturated units: of {which}, g′ is below {:.0} % of its largest value in at least {:.0} % of the rows, so they hardly learn.",
        100.0 * FLAT,
        100.0 * MOSTLY
    );
    let advice = if value < MANY {
        "So few do no harm."
    } else {
        "A larger `--lambda` or a smaller `--learning-rate` keeps their weights small."
    };
    Some(Finding::new(FindingKind::SaturatedUnits, (value, 0.0), text, advice))
}

fn duplicates(layers: &[LayerHealth]) -> Option<Finding> {
    let (which, value) = units(layers, |layer| layer.duplicates.len())?;
    let text = format!(
        "Duplicate units: {which} repeat another one (the cosine of the weights in, and out, is above {SAME}), and add nothing."
    );
    let advice = "Fewer units would do, or another `--seed` sets them apart.";
    Some(Finding::new(FindingKind::DuplicateUnits, (value, 0.0), text, advice))
}

fn unscaled(report: &Report) -> Option<Finding> {
    let mut spreads: Vec<f64> =
        report.inputs.iter().map(|input| input.spread).filter(|&spread| spread > 0.0).collect();
    spreads.sort_by(f64::total_cmp);
    let median = *spreads.get(spreads.len().checked_sub(1)? / 2)?;
    let far: Vec<_> = report.inputs.iter().filter(|input| input.spread > UNSCALED * median).collect();
    let widest = far.iter().max_by(|a, b| a.spread.total_cmp(&b.spread))?;
    let value = widest.spread / median;
    let others = if far.len() > 1 { format!(" (and {} more)", count(far.len() - 1)) } else { String::new() };
    let text = format!(
        "Unscaled inputs: `{}`{others} spreads {value:.0} times as far as the median input (more than {UNSCALED} is a finding), and outweighs them.",
        widest.name
    );
    let advice = "Train with standardised inputs (leave out `--no-standardize`); if they were, this table is in other units than the one it was trained on.";
    Some(Finding::new(FindingKind::UnscaledInputs, (value, UNSCALED), text, advice))
}

fn never_said(report: &Report) -> Option<Finding> {
    let confusion = report.scores.confusion.as_ref()?;
    let rows: usize = confusion.matrix.iter().flatten().sum();
    let least = (RARE * rows as f64).max(FEW as f64);
    let known = |i: usize| confusion.matrix[i].iter().sum::<usize>();
    let said = |i: usize| confusion.matrix.iter().map(|row| row[i]).sum::<usize>();
    let silent: Vec<usize> =
        (0..confusion.classes.len()).filter(|&i| said(i) == 0 && known(i) as f64 >= least).collect();
    let worst = silent.iter().copied().max_by_key(|&i| known(i))?;
    let others =
        if silent.len() > 1 { format!(" (and {} more)", count(silent.len() - 1)) } else { String::new() };
    let text = format!(
        "`{}`{others} is never predicted, though it is right for {} of {} rows.",
        shortened(&confusion.classes[worst], brief::NAME),
        count(known(worst)),
        count(rows)
    );
    let advice = "`--class-weight balanced` lets each class count the same.";
    Some(Finding::new(FindingKind::ClassNeverSaid, (known(worst) as f64, least), text, advice))
}

fn miscalibrated(report: &Report) -> Option<Finding> {
    let value = report.answers.miscalibration()?;
    if report.scores.rows < MISCALIBRATED.1 || !(value > MISCALIBRATED.0) {
        return None;
    }
    let text = format!(
        "Probabilities are off by {value:.2} on average (more than {} is a finding).",
        MISCALIBRATED.0
    );
    let advice = "Do not take them for frequencies; a larger `--lambda` makes a model less sure of itself.";
    Some(Finding::new(FindingKind::Miscalibrated, (value, MISCALIBRATED.0), text, advice))
}

fn not_finished(report: &Report) -> Option<Finding> {
    let history = &report.history;
    let last = history.last()?;
    if report.model.stop != StopReason::Epochs || report.model.best_epoch != last.epoch {
        return None;
    }
    let cost = |e: &EpochRecord| e.validation.map_or(e.train_cost, |score| score.cost);
    let before = history.get(history.len().checked_sub(1 + history.len().div_ceil(4))?)?;
    let value = 1.0 - cost(last) / cost(before);
    // Costs may be below 0, as poisson's are; a share of those says nothing.
    let is_share = cost(before) > 0.0 && cost(last) >= 0.0;
    if !is_share || !(value > FALLING) {
        return None;
    }
    let text = format!(
        "The training was not finished: the cost fell by {:.0} % over the last {} epochs, and the last epoch was the best.",
        100.0 * value,
        last.epoch - before.epoch
    );
    Some(Finding::new(FindingKind::NotFinished, (value, FALLING), text, "Train longer: more `--epochs`."))
}
