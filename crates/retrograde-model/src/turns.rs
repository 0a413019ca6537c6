//! One watch for trainings side by side, told as if they ran one after the other.

use crate::watch::{FitPlan, Watch};
use retrograde::{EpochRecord, Flow};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whose turn it is. The fold whose turn it is tells the watch as it goes; what others have to tell waits for theirs, but
/// for batches, which are of interest only while they happen.
pub(crate) struct Turns<'a> {
    turn: AtomicUsize,
    stopped: AtomicBool,
    told: Mutex<Told<'a>>,
}

struct Told<'a> {
    watch: &'a mut (dyn Watch + Send),
    folds: Vec<Waiting>,
}

/// What a fold has to tell when its turn comes.
#[derive(Default)]
struct Waiting {
    events: Vec<Event>,
    ended: bool,
}

enum Event {
    Begun,
    Started(Box<FitPlan>),
    Epoch(EpochRecord, bool, f64),
    Batch(usize, usize, usize),
}

impl<'a> Turns<'a> {
    pub(crate) fn new(watch: &'a mut (dyn Watch + Send), folds: usize) -> Self {
        let folds = (0..folds).map(|_| Waiting::default()).collect();
        Self {
            turn: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            told: Mutex::new(Told { watch, folds }),
        }
    }

    /// Whether the watch has asked all to stop.
    pub(crate) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Runs fold `fold`, from 0, with a watch of its own.
    pub(crate) fn run<R>(&self, fold: usize, work: impl FnOnce(&mut dyn Watch) -> R) -> R {
        self.tell(fold, Event::Begun);
        let result = work(&mut Seat { turns: self, fold });
        self.end(fold);
        result
    }

    fn told(&self) -> MutexGuard<'_, Told<'a>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_turn_of(&self, fold: usize) -> bool {
        self.turn.load(Ordering::SeqCst) == fold
    }

    fn tell(&self, fold: usize, event: Event) -> Flow {
        let mut told = self.told();
        if self.is_turn_of(fold) {
            self.heard(told.tell(fold, event));
        } else {
            told.folds[fold].events.push(event);
        }
        drop(told);
        self.flow()
    }

    /// The turn is the next fold's that has not ended; those between have their say.
    fn end(&self, fold: usize) {
        let mut told = self.told();
        told.folds[fold].ended = true;
        let mut turn = self.turn.load(Ordering::SeqCst);
        while told.folds.get(turn).is_some_and(|fold| fold.ended) {
            turn += 1;
            let waiting = told.folds.get_mut(turn).map(|next| std::mem::take(&mut next.events));
            for event in waiting.into_iter().flatten() {
                self.heard(told.tell(turn, event));
            }
        }
        self.turn.store(turn, Ordering::SeqCst);
    }

    fn heard(&self, flow: Flow) {
        if flow == Flow::Stop {
            self.stopped.store(true, Ordering::SeqCst);
        }
    }

    fn flow(&self) -> Flow {
        if self.stopped() { Flow::Stop } else { Flow::Continue }
    }
}

impl Told<'_> {
    fn tell(&mut self, fold: usize, event: Event) -> Flow {
        match event {
            Event::Begun => self.watch.fold(fold + 1, self.folds.len()),
            Event::Started(plan) => self.watch.started(&plan),
            Event::Epoch(record, best, seconds) => return self.watch.epoch(&record, best, seconds),
            Event::Batch(epoch, batch, batches) => return self.watch.batch(epoch, batch, batches),
        }
        Flow::Continue
    }
}

/// The watch of one fold.
struct Seat<'a, 'w> {
    turns: &'a Turns<'w>,
    fold: usize,
}

impl Watch for Seat<'_, '_> {
    fn started(&mut self, plan: &FitPlan) {
        self.turns.tell(self.fold, Event::Started(Box::new(plan.clone())));
    }

    fn epoch(&mut self, record: &EpochRecord, best: bool, seconds: f64) -> Flow {
        self.turns.tell(self.fold, Event::Epoch(record.clone(), best, seconds))
    }

    fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        if !self.turns.is_turn_of(self.fold) {
            return self.turns.flow();
        }
        self.turns.tell(self.fold, Event::Batch(epoch, batch, batches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Words(Vec<String>);

    impl Watch for Words {
        fn fold(&mut self, fold: usize, folds: usize) {
            self.0.push(format!("{fold} of {folds}"));
        }

        fn epoch(&mut self, record: &EpochRecord, _: bool, _: f64) -> Flow {
            self.0.push(format!("epoch {}", record.epoch));
            if record.epoch == 9 { Flow::Stop } else { Flow::Continue }
        }

        fn batch(&mut self, _: usize, batch: usize, _: usize) -> Flow {
            self.0.push(format!("batch {batch}"));
            Flow::Continue
        }
    }

    fn epoch(epoch: usize) -> EpochRecord {
        EpochRecord {
            epoch,
            train_cost: 1.0,
            validation: None,
            grad_norm: 1.0,
            learning_rate: None,
            evaluations: 1.0,
            layers: Vec::new(),
        }
    }

    #[test]
    fn folds_are_told_in_their_order() {
        let mut words = Words::default();
        let turns = Turns::new(&mut words, 4);
        // The third is over before the first begins to tell, the second is under way when its turn comes.
        turns.run(2, |watch| {
            watch.batch(1, 7, 7);
            watch.epoch(&epoch(1), true, 0.1)
        });
        turns.tell(1, Event::Begun);
        turns.tell(1, Event::Epoch(epoch(2), true, 0.1));
        turns.run(0, |watch| {
            watch.batch(1, 1, 5);
            watch.epoch(&epoch(3), true, 0.1)
        });
        let mut second = Seat { turns: &turns, fold: 1 };
        assert_eq!(second.batch(3, 4, 5), Flow::Continue);
        assert_eq!(second.epoch(&epoch(4), true, 0.2), Flow::Continue);
        turns.end(1);
        assert_eq!(turns.run(3, |watch| watch.epoch(&epoch(9), true, 0.2)), Flow::Stop);
        assert!(turns.stopped());
        drop(turns);
        let expected = [
            "1 of 4", "batch 1", "epoch 3", "2 of 4", "epoch 2", "batch 4", "epoch 4", "3 of 4", "epoch 1",
            "4 of 4", "epoch 9",
        ];
        assert_eq!(words.0, expected);
    }
}
