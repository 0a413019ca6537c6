//! The training loop: batches, epochs, early stopping, and what happens when a value stops being finite.
//!
//! The core reads no clock and prints nothing: progress goes out, and a wish to stop comes in, through an
//! [`Observer`]. Whatever ends a training, the best finite weights seen are what it returns.

mod batches;
mod divergence;
mod settings;

pub use divergence::{Divergence, NonFinite, Quantity};
pub use settings::{BatchSize, TrainSettings};

use crate::error::Result;
use crate::examples::Examples;
use crate::network::Network;
use crate::objective::{CostPart, Divisors, Evaluator, Objective};
use crate::optimize::{BatchMethod, Iteration, Point, StepMethod};
use crate::params::Params;
use crate::real::{Scalar, norm};
use crate::score::Score;
use batches::Batches;
use serde::{Deserialize, Serialize};

/// What one epoch (or one iteration of a batch method) came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: usize,
    /// J on the training rows: at the end of the epoch when all rows are one batch, else the mean over the rows of the
    /// epoch's batches, each before its step.
    pub train_cost: f64,
    /// The validation rows' score at the end of the epoch.
    pub validation: Option<Score>,
    /// ‖∇J‖, measured where `train_cost` is.
    pub grad_norm: f64,
    /// η of the step methods.
    pub learning_rate: Option<f64>,
    /// Gradients of all rows computed so far (a whole epoch of mini-batches counts 1).
    pub evaluations: f64,
}

/// Why a training ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// All epochs were run.
    Epochs,
    /// The cost stopped improving: by less than the tolerance for `patience` epochs, or no step lowers it.
    Converged,
    /// The validation cost did not improve for `patience` epochs.
    Patience,
    /// The observer asked for it.
    Asked,
    /// A value stopped being finite.
    Diverged(Divergence),
}

/// What an observer wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Finish here, with the best weights so far.
    Stop,
}

/// Watches a training and may stop it. `()` watches nothing.
pub trait Observer {
    /// After every batch (or every iteration of a batch method).
    fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        let _ = (epoch, batch, batches);
        Flow::Continue
    }

    /// After every epoch; `best` tells whether it is the best so far.
    fn epoch(&mut self, record: &EpochRecord, best: bool) -> Flow {
        let _ = (record, best);
        Flow::Continue
    }
}

impl Observer for () {}

/// A finished training.
#[derive(Debug, Clone)]
pub struct Fit<T> {
    /// The best finite weights: of the epoch with the lowest validation cost, or training cost without one.
    pub params: Params<T>,
    /// The epoch they are from; 0 is the start.
    pub best_epoch: usize,
    /// One record per epoch.
    pub history: Vec<EpochRecord>,
    /// Why it ended.
    pub stop: StopReason,
}

/// Trains from `start` on `train`, judging by `validation` where given.
///
/// The result depends on the arguments alone, not on the number of threads or the speed of the machine
/// (unless the observer stops it by the clock).
///
/// # Errors
/// Settings out of range, or that contradict each other. A diverged training is no error but a [`StopReason`].
pub fn train<T: Scalar>(
    start: Params<T>,
    train: &Examples<'_, T>,
    validation: Option<&Examples<'_, T>>,
    settings: &TrainSettings,
    observer: &mut dyn Observer,
) -> Result<Fit<T>> {
    settings.validate(start.network())?;
    train.expect_for(start.network())?;
    validation.map_or(Ok(()), |rows| rows.expect_for(start.network()))?;
    let network = start.network().clone();
    let weights = network.weight_count();
    let judge = Judge::new(&network, validation, settings)?;
    let mut run =
        Run { theta: start.values().to_vec(), judge, observer, history: Vec::new(), best: Best::of(start) };
    let stop = if let Some(mut method) = settings.optimizer.batch_method::<T>() {
        run.by_iterations(method.as_mut(), None, train, settings)?
    } else {
        let method = settings.optimizer.step_method::<T>(weights);
        let mut method = method.expect("every method is a step method or a batch method");
        if settings.batch_rows(train.rows()) == train.rows() {
            let rate = settings.learning_rate();
            run.by_iterations(&mut WholeSteps { method, rate }, Some(rate), train, settings)?
        } else {
            let start = run.theta.clone();
            let stop = run.by_steps(method.as_mut(), train, settings)?;
            if validation.is_none() {
                // Where it diverged, the last weights are no epoch's.
                let last = (!matches!(stop, StopReason::Diverged(_))).then_some(run.history.len());
                run.settle(&start, last, train, settings)?;
            }
            stop
        }
    };
    Ok(Fit { params: run.best.params, best_epoch: run.best.epoch, history: run.history, stop })
}

/// The best finite weights so far.
struct Best<T> {
    params: Params<T>,
    epoch: usize,
    cost: f64,
    /// The cost that patience measures improvement from.
    milestone: f64,
    milestone_epoch: usize,
}

impl<T: Scalar> Best<T> {
    fn of(params: Params<T>) -> Self {
        Self { params, epoch: 0, cost: f64::INFINITY, milestone: f64::INFINITY, milestone_epoch: 0 }
    }
}

/// Scores the validation rows.
struct Judge<'a, T> {
    validation: Option<(&'a Examples<'a, T>, Evaluator<T>)>,
}

impl<'a, T: Scalar> Judge<'a, T> {
    fn new(
        network: &Network,
        validation: Option<&'a Examples<'a, T>>,
        settings: &TrainSettings,
    ) -> Result<Self> {
        let validation = match validation {
            None => None,
            Some(rows) => {
                let evaluator =
                    Evaluator::new(network, settings.regularisation, rows.rows(), settings.threads)?;
                Some((rows, evaluator))
            }
        };
        Ok(Self { validation })
    }

    /// The first value of the validation rows that is not finite; its row is none of the training rows'.
    fn locate(&self, network: &Network, theta: &[T]) -> Option<NonFinite> {
        let (rows, evaluator) = self.validation.as_ref()?;
        let at = divergence::locate(network, theta, rows, (&[], evaluator.regularisation()))?;
        Some(NonFinite { row: None, ..at })
    }

    fn score(&mut self, theta: &[T]) -> Option<Score> {
        self.validation.as_mut().map(|(rows, evaluator)| evaluator.score(theta, rows))
    }
}

/// How many of an epoch's batches were done.
#[derive(Clone, Copy)]
struct Batched {
    done: usize,
    all: usize,
}

/// One training on its way.
struct Run<'a, T> {
    /// Where it stands.
    theta: Vec<T>,
    judge: Judge<'a, T>,
    observer: &'a mut dyn Observer,
    history: Vec<EpochRecord>,
    best: Best<T>,
}

impl<T: Scalar> Run<'_, T> {
    /// Mini-batches (or all rows) through a step method.
    fn by_steps(
        &mut self,
        method: &mut dyn StepMethod<T>,
        train: &Examples<'_, T>,
        settings: &TrainSettings,
    ) -> Result<StopReason> {
        let network = self.best.params.network().clone();
        let mut batches = Batches::new(&network, train, settings);
        let mut evaluator =
            Evaluator::new(&network, settings.regularisation, batches.rows(), settings.threads)?;
        let learning_rate = settings.learning_rate();
        let mut grad = vec![T::zero(); self.theta.len()];
        for epoch in 1..=settings.epochs() {
            batches.shuffle(epoch);
            // Means over the rows: the last batch may have fewer.
            let (mut cost_sum, mut square_sum, mut seen) = (0.0, 0.0, 0.0);
            let (mut flow, mut done) = (Flow::Continue, 0);
            for index in 0..batches.count() {
                let rows = batches.gather(index);
                let divisors = Divisors::share(train, rows.rows());
                let cost = evaluator.cost_and_grad_over(&self.theta, &rows, divisors, &mut grad);
                let grad_norm = norm(&grad);
                if !(cost.is_finite() && grad_norm.is_finite()) {
                    let at =
                        divergence::locate(&network, &self.theta, &rows, (&grad, settings.regularisation));
                    let at = at.map(|at| at.in_rows(|row| batches.row(index, row)));
                    return Ok(StopReason::Diverged(Divergence { epoch, batch: index + 1, cost, at }));
                }
                method.step(&mut self.theta, &grad, learning_rate);
                let share = batches.rows_of(index) as f64;
                cost_sum += share * cost;
                square_sum += share * grad_norm * grad_norm;
                seen += share;
                done = index + 1;
                flow = self.observer.batch(epoch, done, batches.count());
                if flow == Flow::Stop {
                    break;
                }
            }
            let record = EpochRecord {
                epoch,
                train_cost: cost_sum / seen,
                validation: self.judge.score(&self.theta),
                grad_norm: (square_sum / seen).sqrt(),
                learning_rate: Some(learning_rate),
                evaluations: (epoch - 1) as f64 + done as f64 / batches.count() as f64,
            };
            let batched = Batched { done, all: batches.count() };
            if let Some(stop) = self.end_epoch(record, batched, settings, flow) {
                return Ok(stop);
            }
        }
        Ok(StopReason::Epochs)
    }

    /// Iterations on all rows: of a batch method, or of a step method that takes them as one batch.
    fn by_iterations(
        &mut self,
        method: &mut dyn BatchMethod<T>,
        learning_rate: Option<f64>,
        train: &Examples<'_, T>,
        settings: &TrainSettings,
    ) -> Result<StopReason> {
        let network = self.best.params.network().clone();
        let evaluator = Evaluator::new(&network, settings.regularisation, train.rows(), settings.threads)?;
        let mut objective = Counted { evaluator, train, evaluations: 0 };
        let theta = self.theta.clone();
        let mut grad = vec![T::zero(); theta.len()];
        let cost = objective.cost_and_grad(&theta, &mut grad);
        if !(cost.is_finite() && norm(&grad).is_finite()) {
            let at = divergence::locate(&network, &theta, train, (&grad, settings.regularisation));
            return Ok(StopReason::Diverged(Divergence { epoch: 1, batch: 1, cost, at }));
        }
        let mut point = Point { theta, cost, grad };
        self.best.cost = if self.judge.validation.is_some() { f64::INFINITY } else { cost };
        for epoch in 1..=settings.epochs() {
            let iteration = method.iterate(&mut objective, &mut point);
            self.theta.copy_from_slice(&point.theta);
            if !(point.cost.is_finite() && norm(&point.grad).is_finite()) {
                let at =
                    divergence::locate(&network, &point.theta, train, (&point.grad, settings.regularisation));
                return Ok(StopReason::Diverged(Divergence { epoch, batch: 1, cost: point.cost, at }));
            }
            let flow = self.observer.batch(epoch, 1, 1);
            let record = EpochRecord {
                epoch,
                train_cost: point.cost,
                validation: self.judge.score(&point.theta),
                grad_norm: norm(&point.grad),
                learning_rate,
                evaluations: objective.evaluations as f64,
            };
            let stop = self.end_epoch(record, Batched { done: 1, all: 1 }, settings, flow);
            match stop {
                Some(stop @ (StopReason::Asked | StopReason::Diverged(_))) => return Ok(stop),
                _ if iteration == Iteration::Stalled => return Ok(StopReason::Converged),
                Some(stop) => return Ok(stop),
                None => {}
            }
        }
        Ok(StopReason::Epochs)
    }

    /// Records the epoch, keeps the best weights, and says whether to stop.
    ///
    /// The mean over a part of an epoch says too little to compare with: such weights are kept only where there are
    /// no others.
    fn end_epoch(
        &mut self,
        record: EpochRecord,
        batches: Batched,
        settings: &TrainSettings,
        flow: Flow,
    ) -> Option<StopReason> {
        let cost = record.validation.map_or(record.train_cost, |score| score.cost);
        if !(cost.is_finite() && self.theta.iter().all(|w| w.is_finite())) {
            let network = self.best.params.network();
            let at =
                divergence::weight(network, &self.theta).or_else(|| self.judge.locate(network, &self.theta));
            return Some(StopReason::Diverged(Divergence {
                epoch: record.epoch,
                batch: batches.done,
                cost,
                at,
            }));
        }
        let comparable =
            batches.done == batches.all || record.validation.is_some() || self.best.cost.is_infinite();
        let better = comparable && cost < self.best.cost;
        if better {
            self.best.cost = cost;
            self.best.epoch = record.epoch;
            self.best.params.values_mut().copy_from_slice(&self.theta);
        }
        let needed = settings.tolerance() * self.best.milestone.abs();
        if self.best.milestone.is_infinite() || cost < self.best.milestone - needed {
            self.best.milestone = cost;
            self.best.milestone_epoch = record.epoch;
        }
        self.history.push(record);
        let asked = self.observer.epoch(&record, better);
        if flow == Flow::Stop || asked == Flow::Stop {
            return Some(StopReason::Asked);
        }
        let waited = record.epoch - self.best.milestone_epoch >= settings.patience;
        let reason = if record.validation.is_some() { StopReason::Patience } else { StopReason::Converged };
        waited.then_some(reason)
    }

    /// Mini-batches without validation rows: their mean costs chose the weights to keep, each of other weights than those
    /// it is the cost of. J itself now has the last word between the start, the weights kept and the last ones.
    fn settle(
        &mut self,
        start: &[T],
        last: Option<usize>,
        train: &Examples<'_, T>,
        settings: &TrainSettings,
    ) -> Result<()> {
        let network = self.best.params.network().clone();
        let mut evaluator =
            Evaluator::new(&network, settings.regularisation, train.rows(), settings.threads)?;
        let mut cost = |theta: &[T]| evaluator.cost(theta, train, CostPart::WithPenalty);
        let mut lowest = cost(self.best.params.values());
        let last = last.map(|epoch| (epoch, self.theta.as_slice()));
        for (epoch, theta) in std::iter::once((0, start)).chain(last) {
            let found = cost(theta);
            if found < lowest {
                lowest = found;
                self.best.epoch = epoch;
                self.best.params.values_mut().copy_from_slice(theta);
            }
        }
        Ok(())
    }
}

/// A step method that takes all rows as one batch: each step is an iteration, and J is known where it ends.
struct WholeSteps<T> {
    method: Box<dyn StepMethod<T>>,
    rate: f64,
}

impl<T: Scalar> BatchMethod<T> for WholeSteps<T> {
    /// Unlike a line search's, the step is taken whatever it leads to.
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration {
        self.method.step(&mut point.theta, &point.grad, self.rate);
        point.cost = objective.cost_and_grad(&point.theta, &mut point.grad);
        Iteration::Moved
    }
}

/// The training cost as the objective of a batch method, counting its evaluations.
struct Counted<'a, T> {
    evaluator: Evaluator<T>,
    train: &'a Examples<'a, T>,
    evaluations: usize,
}

impl<T: Scalar> Objective<T> for Counted<'_, T> {
    fn dimension(&self) -> usize {
        self.evaluator.network().weight_count()
    }

    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64 {
        self.evaluations += 1;
        self.evaluator.cost_and_grad(theta, self.train, grad)
    }
}
