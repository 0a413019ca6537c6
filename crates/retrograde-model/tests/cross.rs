//! Cross-validation on several threads: the same folds, told in the same order.

mod common;

use common::set;
use retrograde::{EpochRecord, Flow};
use retrograde_model::{CrossValidation, FitPlan, StopReason, Watch, cross_validate};

/// Everything that is told, and a place to stop at.
#[derive(Default)]
struct Told {
    fold: usize,
    epochs: Vec<(usize, usize, u64)>,
    plans: Vec<usize>,
    stop: Option<(usize, usize)>,
}

impl Watch for Told {
    fn fold(&mut self, fold: usize, _: usize) {
        self.fold = fold;
    }

    fn started(&mut self, plan: &FitPlan) {
        assert_eq!(self.plans.len() + 1, self.fold, "a plan for each fold, after its number");
        self.plans.push(plan.train_rows);
    }

    fn epoch(&mut self, record: &EpochRecord, _: bool, _: f64) -> Flow {
        self.epochs.push((self.fold, record.epoch, record.train_cost.to_bits()));
        if self.stop == Some((self.fold, record.epoch)) { Flow::Stop } else { Flow::Continue }
    }
}

fn on(threads: usize, stop: Option<(usize, usize)>) -> (CrossValidation, Told) {
    let (iris, mut settings) = set("@iris");
    settings.train.epochs = Some(30);
    settings.train.threads = threads;
    let mut told = Told { stop, ..Told::default() };
    let result = cross_validate(&iris, &settings, 5, &mut told).expect("a cross-validation");
    (result, told)
}

#[test]
fn threads_change_neither_the_folds_nor_what_is_told() {
    let (alone, told_alone) = on(1, None);
    assert_eq!((told_alone.plans.len(), alone.folds.len()), (5, 5));
    assert!(told_alone.epochs.len() > 100, "{} epochs", told_alone.epochs.len());
    for threads in [2, 3, 8, 0] {
        let (together, told) = on(threads, None);
        assert_eq!(together, alone, "{threads} threads");
        assert_eq!((told.epochs, told.plans), (told_alone.epochs.clone(), told_alone.plans.clone()));
    }
}

#[test]
fn a_fold_that_is_stopped_is_the_last() {
    for threads in [1, 2, 3] {
        let (result, told) = on(threads, Some((2, 3)));
        // A second fold that was over when its turn came is not stopped any more, but the next one is.
        let stopped = result.stops.iter().position(|&stop| stop == StopReason::Asked);
        assert!(stopped.is_none_or(|fold| fold + 1 == result.folds.len()), "{:?}", result.stops);
        if threads == 1 {
            assert_eq!(stopped, Some(1));
            assert_eq!(told.epochs.last().map(|&(fold, epoch, _)| (fold, epoch)), Some((2, 3)));
        }
        let (first, _) = on(threads, Some((1, 3)));
        assert_eq!((first.folds.len(), first.stops), (1, vec![StopReason::Asked]), "{threads} threads");
    }
}
