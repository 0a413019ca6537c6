//! A cost for the solvers of [argmin](https://docs.rs/argmin): the feature `argmin`.
//!
//! argmin asks for J, ∇J and H one at a time and by traits of its own. [`ArgminProblem`] answers for any [`Objective`],
//! above all a [`NetworkObjective`](crate::NetworkObjective):
//!
//! | argmin's trait | what is computed | type |
//! |---|---|---|
//! | [`CostFunction`] | J(Θ) | `f64` |
//! | [`Gradient`] | ∇J(Θ), n long | `Vec<f64>` |
//! | [`Hessian`] | v ↦ ∇²J(Θ) v, n long for v n long | [`HessianOperator`] |
//!
//! Θ is the flat vector of n weights in the order of [`Params`](crate::Params): layer by layer, W row by row, then b.
//! Whatever is asked at one and the same Θ in a row costs one pass forward and backward.
//!
//! The Hessian is an operator: no n×n matrix is made. For a network, H v is exact to rounding by the R-operator of
//! [`crate::curvature`], and takes 3/2 (first layer) to 8/3 (the others) of the matrix products of such a pass. That is
//! what `Steihaug` needs within `TrustRegion`:
//!
//! ```
//! use argmin::core::{Executor, State};
//! use argmin::solver::trustregion::{Steihaug, TrustRegion};
//! use ndarray::array;
//! use retrograde::argmin_problem::ArgminProblem;
//! use retrograde::{Examples, Loss, Network, NetworkObjective, Output, Params, Regularisation};
//!
//! // Logistic regression of (0, 0, 1, 0, 1, 1) on 0, 1, …, 5.
//! let network = Network::new(&[1, 1], &[], Output::Sigmoid, Loss::CrossEntropy)?;
//! let x = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]];
//! let y = array![[0.0], [0.0], [1.0], [0.0], [1.0], [1.0]];
//! let examples = Examples::new(&network, x.view(), y.view(), None)?;
//! let objective = NetworkObjective::new(&network, examples, Regularisation::l2(0.1), 1)?;
//!
//! let solver = TrustRegion::new(Steihaug::new().with_max_iters(20));
//! let found = Executor::new(ArgminProblem::new(objective), solver)
//!     .configure(|state| state.param(vec![0.0, 0.0]).max_iters(20))
//!     .run()?;
//! let theta = found.state().get_best_param().expect("it started from one").clone();
//! assert!(found.state().get_gradient().expect("it has one").iter().all(|slope| slope.abs() < 1e-6));
//!
//! let params = Params::from_values(&network, theta)?;
//! let a = retrograde::predict(&params, array![[4.0]].view())?;
//! assert!(a[[0, 0]] > 0.8);
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```
//!
//! The solvers do the rest as they see fit: `TrustRegion` has no test of ‖∇J‖ and runs to its `max_iters` or
//! `target_cost`, and some line searches of argmin return an error where a step makes J overflow.

use crate::error::Error;
use crate::objective::{Objective, Point};
use argmin::core::{CostFunction, Gradient, Hessian};
use argmin_math::ArgminDot;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An [`Objective`] as argmin asks for it.
///
/// Clones share the objective, the last point and the counts. One thread computes at a time; the objective may have
/// threads of its own.
#[derive(Debug)]
pub struct ArgminProblem<O> {
    dimension: usize,
    /// A mutex and not a cell: with its feature `rayon`, argmin asks for problems that are `Sync`.
    shared: Arc<Mutex<Shared<O>>>,
}

/// What was computed so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Evaluations of J and ∇J together.
    pub evaluations: usize,
    /// Products H v. An objective without one of its own evaluates ∇J once more for each.
    pub products: usize,
}

#[derive(Debug)]
struct Shared<O> {
    objective: O,
    last: Option<Arc<Point<f64>>>,
    counts: Counts,
}

impl<O> Clone for ArgminProblem<O> {
    fn clone(&self) -> Self {
        Self { dimension: self.dimension, shared: Arc::clone(&self.shared) }
    }
}

impl<O: Objective<f64>> ArgminProblem<O> {
    /// The problem of minimising `objective`.
    pub fn new(objective: O) -> Self {
        let dimension = objective.dimension();
        let shared = Shared { objective, last: None, counts: Counts::default() };
        Self { dimension, shared: Arc::new(Mutex::new(shared)) }
    }

    /// What was computed so far, for this problem, its clones and their Hessians.
    pub fn counts(&self) -> Counts {
        lock(&self.shared).counts
    }

    /// Θ with its J and ∇J: the last point's if it is that Θ to the bit, computed otherwise.
    fn point(&self, theta: &[f64]) -> Result<Arc<Point<f64>>, Error> {
        if theta.len() != self.dimension {
            return Err(Error::Shape {
                what: "the parameter vector",
                found: format!("{} long", theta.len()),
                expected: format!("{} long", self.dimension),
            });
        }
        let mut shared = lock(&self.shared);
        if let Some(last) = &shared.last
            && same_bits(&last.theta, theta)
        {
            return Ok(Arc::clone(last));
        }
        let mut point = Point { theta: theta.to_vec(), cost: 0.0, grad: vec![0.0; theta.len()] };
        point.cost = shared.objective.cost_and_grad(theta, &mut point.grad);
        shared.counts.evaluations += 1;
        let point = Arc::new(point);
        shared.last = Some(Arc::clone(&point));
        Ok(point)
    }
}

/// A panic within the objective leaves nothing half done here: the last point is only ever replaced as a whole.
fn lock<O>(shared: &Mutex<Shared<O>>) -> MutexGuard<'_, Shared<O>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Not `==`, for which 0 and −0 are the same point and NaN is never the same as itself.
fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.iter().map(|a| a.to_bits()).eq(b.iter().map(|b| b.to_bits()))
}

/// # Errors
/// [`Error::Shape`] for a Θ of another length.
impl<O: Objective<f64>> CostFunction for ArgminProblem<O> {
    type Param = Vec<f64>;
    type Output = f64;

    /// J(Θ); +∞ where it overflows or is not a number. A trust region shrinks at +∞, and would try the same step for
    /// ever at NaN.
    fn cost(&self, theta: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        let cost = self.point(theta)?.cost;
        Ok(if cost.is_nan() { f64::INFINITY } else { cost })
    }
}

/// # Errors
/// [`Error::Shape`] for a Θ of another length.
impl<O: Objective<f64>> Gradient for ArgminProblem<O> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    /// ∇J(Θ), with what is not finite as it is.
    fn gradient(&self, theta: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        Ok(self.point(theta)?.grad.clone())
    }
}

/// # Errors
/// [`Error::Shape`] for a Θ of another length; [`Error::Setting`] where J or ∇J is not finite, as conjugate gradients
/// (`Steihaug`) on such a Hessian would never end.
impl<O: Objective<f64>> Hessian for ArgminProblem<O> {
    type Param = Vec<f64>;
    type Hessian = HessianOperator<O>;

    /// ∇²J(Θ) as an operator.
    fn hessian(&self, theta: &Vec<f64>) -> Result<HessianOperator<O>, argmin::core::Error> {
        let at = self.point(theta)?;
        if let Some(found) = std::iter::once(&at.cost).chain(&at.grad).find(|value| !value.is_finite()) {
            return Err(argmin::core::Error::new(Error::Setting {
                what: "J or a component of ∇J where the Hessian is asked for",
                found: found.to_string(),
                expected: "a finite number",
            }));
        }
        Ok(HessianOperator { shared: Arc::clone(&self.shared), at })
    }
}

/// H = ∇²J at one point, known by what it does to a vector: `H.dot(&v)` is H v.
///
/// argmin makes `u.weighted_dot(&H, &v)`, uᵀH v, of that. A clone is two pointers.
///
/// # Panics
/// `dot` panics for a v of another length than Θ: it has no way to return an error.
#[derive(Debug)]
pub struct HessianOperator<O> {
    shared: Arc<Mutex<Shared<O>>>,
    at: Arc<Point<f64>>,
}

impl<O> Clone for HessianOperator<O> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), at: Arc::clone(&self.at) }
    }
}

impl<O> HessianOperator<O> {
    /// Where H is taken: Θ, J(Θ) and ∇J(Θ).
    pub fn point(&self) -> &Point<f64> {
        &self.at
    }
}

impl<O: Objective<f64>> ArgminDot<Vec<f64>, Vec<f64>> for HessianOperator<O> {
    fn dot(&self, v: &Vec<f64>) -> Vec<f64> {
        assert_eq!(v.len(), self.at.theta.len(), "the length of the vector that the Hessian is applied to");
        let mut out = vec![0.0; v.len()];
        // H 0 = 0; a difference along no direction would be NaN, and solvers do ask after a step of length 0.
        if v.iter().any(|&v| v != 0.0) {
            let mut shared = lock(&self.shared);
            shared.counts.products += 1;
            shared.objective.hessian_vector(&self.at, v, &mut out);
        }
        out
    }
}
