//! What stands out, in sentences. `docs/report.md` states every threshold.

use super::Report;
use crate::words::count;
use retrograde::Verdict;
use retrograde::health::{FLAT, LayerHealth, MOSTLY, SAME};
use serde::Serialize;

/// The most findings of a report.
const MOST: usize = 5;
/// Layers between which the mean |δ| falls by more than this vanish.
const VANISHING: f64 = 1e3;
/// An input whose spread is more than so many times the median one is not scaled.
const UNSCALED: f64 = 100.0;

/// What stands out; in the order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Backpropagation and the numerical derivatives differ.
    CheckDiffers,
    /// Hardly any error reaches the first layer.
    VanishingGradient,
    /// Units of relu that are 0 in every row.
    DeadUnits,
    /// Units of sigmoid or tanh where g is flat.
    SaturatedUnits,
    /// Inputs of far larger numbers than the others.
    UnscaledInputs,
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
    /// The number that was found.
    pub value: f64,
    /// The number beyond which it is a finding.
    pub threshold: f64,
}

/// The findings, the most serious first.
pub(super) fn of(report: &Report) -> Vec<Finding> {
    let mut found: Vec<Finding> = [
        differs(report),
        vanishing(&report.layers),
        dead(&report.layers),
        saturated(&report.layers),
        unscaled(report),
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
    Some(Finding { kind: FindingKind::CheckDiffers, text, value: value as f64, threshold: 0.0 })
}

fn vanishing(layers: &[LayerHealth]) -> Option<Finding> {
    let hidden: Vec<&LayerHealth> = layers.iter().filter(|layer| layer.activation.is_some()).collect();
    let (first, last) = (hidden.first()?, hidden.last()?);
    let value = last.mean_delta / first.mean_delta;
    if !(value > VANISHING) {
        return None;
    }
    let text = format!(
        "The gradient vanishes: the mean |δ| falls from {:.1e} in layer {} to {:.1e} in layer {}, {value:.0} times less (more than {VANISHING} is a finding).",
        last.mean_delta, last.l, first.mean_delta, first.l
    );
    Some(Finding { kind: FindingKind::VanishingGradient, text, value, threshold: VANISHING })
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
    let text = format!(
        "Dead units: {which} are 0 in every row, so no row can change the weights into them (one is a finding)."
    );
    Some(Finding { kind: FindingKind::DeadUnits, text, value, threshold: 0.0 })
}

fn saturated(layers: &[LayerHealth]) -> Option<Finding> {
    let (which, value) = units(layers, |layer| layer.saturated.len())?;
    let text = format!(
        "Saturated units: of {which}, g′ is below {:.0} % of its largest value in at least {:.0} % of the rows, so they hardly learn.",
        100.0 * FLAT,
        100.0 * MOSTLY
    );
    Some(Finding { kind: FindingKind::SaturatedUnits, text, value, threshold: 0.0 })
}

fn duplicates(layers: &[LayerHealth]) -> Option<Finding> {
    let (which, value) = units(layers, |layer| layer.duplicates.len())?;
    let text = format!(
        "Duplicate units: {which} repeat another one (the cosine of the weights in, and out, is above {SAME}), and add nothing."
    );
    Some(Finding { kind: FindingKind::DuplicateUnits, text, value, threshold: 0.0 })
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
    Some(Finding { kind: FindingKind::UnscaledInputs, text, value, threshold: UNSCALED })
}
