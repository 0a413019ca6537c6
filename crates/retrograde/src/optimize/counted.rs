//! An objective that counts what it is asked for.

use crate::objective::{Objective, Point};
use crate::real::Scalar;

/// Counts in gradients of all rows: a gradient is one, a product with the second derivatives two, the Gauss–Newton
/// matrix as many as there are outputs.
#[derive(Debug)]
pub(crate) struct Counted<O> {
    pub objective: O,
    pub evaluations: f64,
    /// What a Gauss–Newton matrix counts.
    pub outputs: usize,
}

impl<T: Scalar, O: Objective<T>> Objective<T> for Counted<O> {
    fn dimension(&self) -> usize {
        self.objective.dimension()
    }

    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64 {
        self.evaluations += 1.0;
        self.objective.cost_and_grad(theta, grad)
    }

    fn hessian_vector(&mut self, at: &Point<T>, v: &[T], out: &mut [T]) {
        self.evaluations += 2.0;
        self.objective.hessian_vector(at, v, out);
    }

    fn gauss_newton(&mut self, theta: &[T], matrix: &mut Vec<f64>) -> bool {
        self.evaluations += self.outputs as f64;
        self.objective.gauss_newton(theta, matrix)
    }
}
