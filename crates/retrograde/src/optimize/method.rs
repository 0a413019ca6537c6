//! Every method with its state as one serialisable value: what a training is resumed from.

use super::{
    Adam, BatchMethod, ConjugateGradients, Iteration, Lbfgs, LevenbergMarquardt, LineSearchOptions,
    Optimizer, Point, Reach, RmsProp, Rprop, ScaledConjugateGradients, Sgd, StepMethod,
};
use crate::machine::team::Spread;
use crate::objective::Objective;
use crate::real::Scalar;
use serde::{Deserialize, Serialize};

/// A method under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar", rename_all = "snake_case")]
pub enum Method<T: Scalar> {
    /// One step for each gradient.
    Step(StepState<T>),
    /// Iterations on the full cost.
    Batch(BatchState<T>),
}

/// The step methods.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepState<T: Scalar> {
    /// Gradient descent, with or without momentum.
    Sgd(Sgd<T>),
    /// Adam and AdamW, whose decay is taken apart from it.
    Adam(Adam<T>),
    /// RMSprop.
    RmsProp(RmsProp<T>),
    /// iRPROP−.
    Rprop(Rprop<T>),
}

/// The batch methods.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar", rename_all = "snake_case")]
#[non_exhaustive]
pub enum BatchState<T: Scalar> {
    /// Conjugate gradients.
    ConjugateGradients(ConjugateGradients<T>),
    /// Scaled conjugate gradients.
    Scaled(ScaledConjugateGradients<T>),
    /// L-BFGS.
    Lbfgs(Lbfgs<T>),
    /// Levenberg–Marquardt.
    LevenbergMarquardt(LevenbergMarquardt),
}

impl<T: Scalar> Method<T> {
    /// The method with its state at the beginning, for `weights` parameters.
    ///
    /// # Panics
    /// For [`Optimizer::Auto`], which is no method: [`Optimizer::automatic`] makes it one.
    pub fn new(optimizer: Optimizer, weights: usize) -> Self {
        let search = LineSearchOptions::default();
        match optimizer {
            Optimizer::Auto => panic!("`auto` is resolved before a method is made of it"),
            Optimizer::GradientDescent => Self::Step(StepState::Sgd(Sgd::new(0.0, false, weights))),
            Optimizer::Sgd { momentum, nesterov } => {
                Self::Step(StepState::Sgd(Sgd::new(momentum, nesterov, weights)))
            }
            Optimizer::Adam { beta1, beta2, epsilon } | Optimizer::AdamW { beta1, beta2, epsilon } => {
                Self::Step(StepState::Adam(Adam::new([beta1, beta2], epsilon, weights)))
            }
            Optimizer::RmsProp { decay, epsilon } => {
                Self::Step(StepState::RmsProp(RmsProp::new(decay, epsilon, weights)))
            }
            Optimizer::Rprop => Self::Step(StepState::Rprop(Rprop::new(weights))),
            Optimizer::ConjugateGradients => {
                Self::Batch(BatchState::ConjugateGradients(ConjugateGradients::default()))
            }
            Optimizer::ScaledConjugateGradients => {
                Self::Batch(BatchState::Scaled(ScaledConjugateGradients::default()))
            }
            Optimizer::Lbfgs { memory } => Self::Batch(BatchState::Lbfgs(Lbfgs::new(memory, search))),
            Optimizer::LevenbergMarquardt { .. } => {
                Self::Batch(BatchState::LevenbergMarquardt(LevenbergMarquardt::default()))
            }
        }
    }
}

impl<T: Scalar> Method<T> {
    /// Whether this is a state that `optimizer` can be in with `weights` parameters: it may come from a file.
    pub fn fits(&self, optimizer: Optimizer, weights: usize) -> bool {
        if optimizer == Optimizer::Auto {
            return false;
        }
        let new = Self::new(optimizer, weights);
        match (&new, self) {
            (Self::Step(a), Self::Step(b)) => {
                std::mem::discriminant(a) == std::mem::discriminant(b) && new.lengths() == self.lengths()
            }
            (Self::Batch(a), Self::Batch(b)) => {
                // The pairs of L-BFGS are whole; the vectors of others may not be there yet.
                let begun = !matches!(b, BatchState::Lbfgs(_));
                let whole = |&length: &usize| length == weights || (begun && length == 0);
                std::mem::discriminant(a) == std::mem::discriminant(b) && self.lengths().iter().all(whole)
            }
            _ => false,
        }
    }

    /// The lengths of all vectors of the state.
    fn lengths(&self) -> Vec<usize> {
        match self {
            Self::Step(StepState::Sgd(method)) => method.lengths(),
            Self::Step(StepState::Adam(method)) => method.lengths(),
            Self::Step(StepState::RmsProp(method)) => method.lengths(),
            Self::Step(StepState::Rprop(method)) => method.lengths(),
            Self::Batch(BatchState::ConjugateGradients(method)) => method.lengths(),
            Self::Batch(BatchState::Scaled(method)) => method.lengths(),
            Self::Batch(BatchState::Lbfgs(method)) => method.lengths(),
            Self::Batch(BatchState::LevenbergMarquardt(method)) => method.lengths(),
        }
    }
}

impl<T: Scalar> StepState<T> {
    fn method(&self) -> &dyn StepMethod<T> {
        match self {
            Self::Sgd(method) => method,
            Self::Adam(method) => method,
            Self::RmsProp(method) => method,
            Self::Rprop(method) => method,
        }
    }
}

impl<T: Scalar> StepMethod<T> for StepState<T> {
    fn step(&mut self, theta: &mut [T], grad: &[T], learning_rate: f64, spread: &mut Spread<'_>) {
        match self {
            Self::Sgd(method) => method.step(theta, grad, learning_rate, spread),
            Self::Adam(method) => method.step(theta, grad, learning_rate, spread),
            Self::RmsProp(method) => method.step(theta, grad, learning_rate, spread),
            Self::Rprop(method) => method.step(theta, grad, learning_rate, spread),
        }
    }

    fn reach(&self, learning_rate: f64) -> Option<Reach<'_, T>> {
        self.method().reach(learning_rate)
    }
}

impl<T: Scalar> BatchMethod<T> for BatchState<T> {
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration {
        match self {
            Self::ConjugateGradients(method) => method.iterate(objective, point),
            Self::Scaled(method) => method.iterate(objective, point),
            Self::Lbfgs(method) => method.iterate(objective, point),
            Self::LevenbergMarquardt(method) => method.iterate(objective, point),
        }
    }
}
