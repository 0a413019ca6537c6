//! How good a model is, in three sentences.

use super::Report;
use super::sections::short;
use crate::evaluate::Evaluation;
use crate::figure::shortened;
use crate::fit::StopReason;
use crate::words::{count, of_rows};

/// The longest class that a sentence has, in characters.
pub(super) const NAME: usize = 40;

/// What could be said of the classes without looking at the inputs.
pub(super) struct Shares {
    /// The class with the most rows.
    pub(super) commonest: String,
    /// Its share.
    pub(super) share: f64,
    /// The log loss of saying every class's share: −Σ p ln p.
    pub(super) entropy: f64,
}

/// Of rows that weigh the same; none for numbers.
pub(super) fn shares(scores: &Evaluation) -> Option<Shares> {
    let confusion = scores.confusion.as_ref().filter(|_| scores.weight.is_none())?;
    let known: Vec<usize> = confusion.matrix.iter().map(|row| row.iter().sum()).collect();
    let rows = known.iter().sum::<usize>() as f64;
    let most = (0..known.len()).rev().max_by_key(|&i| known[i])?;
    let entropy = |&n: &usize| if n == 0 { 0.0 } else { -(n as f64 / rows) * (n as f64 / rows).ln() };
    Some(Shares {
        commonest: confusion.classes[most].clone(),
        share: known[most] as f64 / rows,
        entropy: known.iter().map(entropy).sum(),
    })
}

pub(super) fn of(report: &Report) -> Vec<String> {
    let mut said: Vec<String> = quality(report).into_iter().collect();
    said.extend(training(report));
    if report.model.same_table {
        said.push(format!(
            "{} is the table that it was trained on, which flatters it: rows that it has never seen say more.",
            report.model.table
        ));
    }
    said
}

/// That rows weigh, where they do.
pub(super) fn weighed(scores: &Evaluation) -> String {
    scores.weight.as_ref().map_or_else(String::new, |weight| format!(", weighed by `{weight}`"))
}

fn quality(report: &Report) -> Option<String> {
    let scores = &report.scores;
    let rows = format!("{} of {}{}", of_rows(scores.rows), report.model.table, weighed(scores));
    if let Some(accuracy) = scores.accuracy {
        let base = match shares(scores) {
            Some(shares) => {
                format!(
                    "; always saying `{}` would be right on {}",
                    shortened(&shares.commonest, NAME),
                    percent(shares.share)
                )
            }
            None => String::new(),
        };
        return Some(format!("It is right on {} of {rows}{base}.", percent(accuracy)));
    }
    let mae = scores.mae?;
    let r2 = scores.r2.filter(|r2| r2.is_finite());
    // Errors of several targets are in several units, and their mean is in none.
    if let (several @ 2.., Some(r2)) = (scores.targets.len(), r2) {
        let explained = percent(r2.max(0.0));
        return Some(format!(
            "It explains {explained} of the variance of its {several} targets (R² {}, their mean) over {rows}.",
            short(r2)
        ));
    }
    let r2 = match r2 {
        Some(r2) => format!("; it explains {} of the variance (R² {})", percent(r2.max(0.0)), short(r2)),
        None => String::new(),
    };
    Some(format!("It is off by {} on average over {rows}{r2}.", short(mae)))
}

fn training(report: &Report) -> Option<String> {
    let model = &report.model;
    if model.best_epoch == 0 && model.train_rows > 0 {
        let why = if model.stop == StopReason::Diverged { ": the training diverged" } else { "" };
        let rows = of_rows(model.train_rows);
        return Some(format!(
            "Its weights are those that the training on {rows} of {} began with{why}.",
            model.trained_on
        ));
    }
    let best = report.history.iter().find(|record| record.epoch == model.best_epoch)?;
    let judged = match best.validation {
        Some(score) if model.validation_rows > 0 => {
            let accuracy = score.accuracy.map(|share| format!(" and was right on {}", percent(share)));
            format!(
                "; on the {} that judged, it had a cost of {}{}",
                of_rows(model.validation_rows),
                short(score.cost),
                accuracy.unwrap_or_default()
            )
        }
        _ => String::new(),
    };
    Some(format!(
        "It was trained on {} of {}, and epoch {} of {} was the best{judged}.",
        of_rows(model.train_rows),
        model.trained_on,
        count(model.best_epoch),
        count(report.history.len())
    ))
}

/// `97.2 %`; 100 % and 0 % are said of nothing less.
fn percent(share: f64) -> String {
    let tenths = (1000.0 * share).round();
    let tenths = match tenths {
        1000.0 if share < 1.0 => 999.0,
        0.0 if share > 0.0 => 1.0,
        _ => tenths,
    };
    if tenths % 10.0 == 0.0 { format!("{:.0} %", tenths / 10.0) } else { format!("{:.1} %", tenths / 10.0) }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn all_and_none_are_said_of_nothing_less() {
        assert_eq!(
            [percent(1.0), percent(0.999_99), percent(0.0), percent(1e-6)],
            ["100 %", "99.9 %", "0 %", "0.1 %"]
        );
        assert_eq!([percent(0.5), percent(0.9722)], ["50 %", "97.2 %"]);
    }
}
