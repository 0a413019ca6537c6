//! J(Θ) and ∇J of a network on its examples: the one function every parameter learning method is handed.

use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::machine::team::Spread;
use crate::network::Network;
use crate::real::{Scalar, norm};
use crate::regularisation::Regularisation;

/// A cost and its gradient as functions of one flat vector.
pub trait Objective<T: Scalar> {
    /// The length of the vector.
    fn dimension(&self) -> usize;

    /// J(Θ), with ∇J written to `grad`: value and gradient of one and the same function.
    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64;

    /// H v, the second derivatives at a point times a direction.
    ///
    /// Unless the objective knows better, the difference (∇J(Θ + σv) − ∇J(Θ))/σ with σ = √ε (1 + ‖Θ‖)/‖v‖.
    fn hessian_vector(&mut self, at: &Point<T>, v: &[T], out: &mut [T]) {
        let sigma = T::EPSILON.sqrt() * (1.0 + norm(&at.theta)) / norm(v);
        let step = T::constant(sigma);
        let beside: Vec<T> = at.theta.iter().zip(v).map(|(&theta, &v)| theta + step * v).collect();
        self.cost_and_grad(&beside, out);
        for (out, &grad) in out.iter_mut().zip(&at.grad) {
            *out = (*out - grad) / step;
        }
    }

    /// The Gauss–Newton matrix at Θ, n×n row by row, into `matrix`; false when there is none.
    fn gauss_newton(&mut self, theta: &[T], matrix: &mut Vec<f64>) -> bool {
        let _ = (theta, matrix);
        false
    }
}

/// Θ, J(Θ) and ∇J(Θ), always of the same Θ.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Point<T> {
    /// Θ.
    pub theta: Vec<T>,
    /// J(Θ).
    pub cost: f64,
    /// ∇J(Θ).
    pub grad: Vec<T>,
}

/// A network's cost on fixed examples as an [`Objective`].
#[derive(Debug)]
pub struct NetworkObjective<'a, T> {
    evaluator: Evaluator<T>,
    examples: Examples<'a, T>,
}

impl<'a, T: Scalar> NetworkObjective<'a, T> {
    /// J of `network` on `examples`, on at most `threads` threads (0: all).
    ///
    /// # Errors
    /// As [`Evaluator::new`].
    pub fn new(
        network: &Network,
        examples: Examples<'a, T>,
        regularisation: Regularisation,
        threads: usize,
    ) -> Result<Self> {
        let evaluator = Evaluator::new(network, regularisation, examples.rows(), threads)?;
        Ok(Self::with(evaluator, examples))
    }

    /// The threads it works with.
    pub(crate) fn spread(&mut self) -> Spread<'_> {
        self.evaluator.spread()
    }

    /// What evaluates it.
    pub(crate) fn evaluator(&mut self) -> &mut Evaluator<T> {
        &mut self.evaluator
    }

    /// The same with an evaluator made for these rows.
    pub(crate) fn with(evaluator: Evaluator<T>, examples: Examples<'a, T>) -> Self {
        Self { evaluator, examples }
    }
}

impl<T: Scalar> Objective<T> for NetworkObjective<'_, T> {
    fn dimension(&self) -> usize {
        self.evaluator.network().weight_count()
    }

    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64 {
        self.evaluator.cost_and_grad(theta, &self.examples, grad)
    }

    /// Exact, by the R-operator.
    fn hessian_vector(&mut self, at: &Point<T>, v: &[T], out: &mut [T]) {
        self.evaluator.hessian_vector(&at.theta, &self.examples, v, out);
    }

    fn gauss_newton(&mut self, theta: &[T], matrix: &mut Vec<f64>) -> bool {
        self.evaluator.gauss_newton(theta, &self.examples, matrix)
    }
}
