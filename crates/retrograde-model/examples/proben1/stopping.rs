//! When the report stops a training: GL₅, or too little progress, at the end of a strip of five epochs.

use retrograde::{EpochRecord, Flow, Observer};

/// k: epochs from one look at the validation rows to the next.
pub(crate) const STRIP: usize = 5;
/// In percent of the lowest validation error.
const LOSS_AT_MOST: f64 = 5.0;
/// In thousandths of the lowest training error of the strip.
const PROGRESS_AT_LEAST: f64 = 0.1;

/// GL = 100 (E_va/E_opt − 1): by how many percent the validation error is above its lowest.
pub(crate) fn generalisation_loss(validation: f64, lowest: f64) -> f64 {
    100.0 * (validation / lowest - 1.0)
}

/// P_k = 1000 (Σ E_tr / (k min E_tr) − 1): by how many thousandths the mean training error of a strip is above its
/// lowest.
pub(crate) fn progress(strip: &[f64]) -> f64 {
    let lowest = strip.iter().copied().fold(f64::INFINITY, f64::min);
    let mean = strip.iter().sum::<f64>() / strip.len() as f64;
    1000.0 * (mean / lowest - 1.0)
}

/// The training errors of the strip under way. It only listens; what to do is decided at the strip's end.
#[derive(Debug, Default)]
pub(crate) struct Strip {
    errors: Vec<f64>,
}

impl Observer for Strip {
    fn epoch(&mut self, record: &EpochRecord, _: bool) -> Flow {
        self.errors.push(record.train_cost);
        Flow::Continue
    }
}

/// Which end a training came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// GL > 5.
    Loss,
    /// P_k < 0.1.
    Progress,
    /// All epochs were run.
    Epochs,
}

/// The validation errors of the strips so far.
#[derive(Debug)]
pub(crate) struct Judge {
    lowest: f64,
}

impl Judge {
    pub(crate) fn new() -> Self {
        Self { lowest: f64::INFINITY }
    }

    /// At the end of a strip: whether its validation error is the lowest so far, and whether to stop. Leaves the strip
    /// empty for the next.
    pub(crate) fn strip(&mut self, validation: f64, strip: &mut Strip) -> (bool, Option<End>) {
        let best = validation < self.lowest;
        self.lowest = self.lowest.min(validation);
        let end = if generalisation_loss(validation, self.lowest) > LOSS_AT_MOST {
            Some(End::Loss)
        } else {
            (progress(&strip.errors) < PROGRESS_AT_LEAST).then_some(End::Progress)
        };
        strip.errors.clear();
        (best, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(errors: &[f64]) -> Strip {
        Strip { errors: errors.to_vec() }
    }

    #[test]
    fn formulas_by_hand() {
        assert_eq!(generalisation_loss(1.5, 1.0), 50.0);
        assert_eq!(generalisation_loss(2.0, 2.0), 0.0);
        assert_eq!(progress(&[5.0, 4.0, 3.0, 2.0, 1.0]), 2000.0); // mean 3, lowest 1
        assert_eq!(progress(&[1.0, 3.0, 2.0]), 1000.0); // the lowest need not be the last
        assert_eq!(progress(&[2.0; 5]), 0.0);
    }

    #[test]
    fn the_loss_is_measured_from_the_lowest() {
        let falling = [1.4, 1.3, 1.2, 1.1, 1.0];
        let mut judge = Judge::new();
        assert_eq!(judge.strip(2.0, &mut strip(&falling)), (true, None));
        assert_eq!(judge.strip(1.0, &mut strip(&falling)), (true, None));
        assert_eq!(judge.strip(1.0, &mut strip(&falling)), (false, None)); // the first of equals is kept
        assert_eq!(judge.strip(1.04, &mut strip(&falling)), (false, None));
        assert_eq!(judge.strip(1.06, &mut strip(&falling)), (false, Some(End::Loss)));
    }

    #[test]
    fn a_flat_strip_ends_it_and_every_strip_begins_empty() {
        let mut judge = Judge::new();
        let mut flat = strip(&[1.000_1, 1.000_1, 1.0, 1.0, 1.0]); // P = 0.04
        assert_eq!(judge.strip(1.0, &mut flat), (true, Some(End::Progress)));
        assert!(flat.errors.is_empty());
        let mut steeper = strip(&[1.000_3, 1.000_3, 1.0, 1.0, 1.0]); // P = 0.12
        assert_eq!(judge.strip(1.0, &mut steeper).1, None);
    }

    #[test]
    fn an_error_that_is_no_number_is_never_the_best() {
        assert!(!Judge::new().strip(f64::NAN, &mut strip(&[1.0])).0);
    }
}
