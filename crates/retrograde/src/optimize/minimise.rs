//! Bring your own function: any closure that gives J and ∇J, minimised by any of the methods.

use super::{BatchMethod, Iteration, Method, Optimizer, Point, StepMethod};
use crate::error::{Error, Result};
use crate::objective::Objective;
use crate::real::{Scalar, norm};

/// A closure as an [`Objective`]: it writes ∇J(Θ) to its second argument and returns J(Θ).
#[derive(Debug, Clone)]
pub struct Closure<F> {
    dimension: usize,
    function: F,
}

impl<F> Closure<F> {
    /// A function of `dimension` variables.
    pub fn new(dimension: usize, function: F) -> Self {
        Self { dimension, function }
    }
}

impl<T: Scalar, F: FnMut(&[T], &mut [T]) -> f64> Objective<T> for Closure<F> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64 {
        (self.function)(theta, grad)
    }
}

/// How long to minimise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MinimiseSettings {
    /// Steps or iterations at most.
    pub iterations: usize,
    /// Stop at ‖∇J‖ ≤ this.
    pub grad_norm: f64,
    /// η of the step methods.
    pub learning_rate: f64,
}

impl Default for MinimiseSettings {
    fn default() -> Self {
        Self { iterations: 1000, grad_norm: 1e-6, learning_rate: 0.01 }
    }
}

/// What [`minimise`] came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum<T> {
    /// Θ, J and ∇J where it ended.
    pub point: Point<T>,
    /// Steps or iterations taken.
    pub iterations: usize,
    /// Evaluations of J and ∇J.
    pub evaluations: usize,
}

/// Minimises `objective` from `start`.
///
/// ```
/// use retrograde::Optimizer;
/// use retrograde::optimize::minimise::{Closure, MinimiseSettings, minimise};
/// let bowl = Closure::new(2, |x: &[f64], grad: &mut [f64]| {
///     grad.copy_from_slice(&[2.0 * (x[0] - 3.0), 20.0 * x[1]]);
///     (x[0] - 3.0).powi(2) + 10.0 * x[1].powi(2)
/// });
/// let found = minimise(bowl, vec![0.0, 1.0], Optimizer::LBFGS, MinimiseSettings::default())?;
/// assert!((found.point.theta[0] - 3.0).abs() < 1e-6 && found.point.theta[1].abs() < 1e-6);
/// # Ok::<(), retrograde::Error>(())
/// ```
///
/// # Errors
/// A start of another length; `auto` and Levenberg–Marquardt, which need to know more than J and ∇J; a cost at the
/// start that is not finite.
pub fn minimise<T: Scalar>(
    objective: impl Objective<T>,
    start: Vec<T>,
    optimizer: Optimizer,
    settings: MinimiseSettings,
) -> Result<Minimum<T>> {
    let mut objective = objective;
    if matches!(optimizer, Optimizer::Auto | Optimizer::LevenbergMarquardt { .. }) {
        return Err(Error::Setting {
            what: "the method for a function of one's own",
            found: optimizer.name().into(),
            expected: "one that needs J and ∇J alone, such as lbfgs",
        });
    }
    let dimension = objective.dimension();
    if start.len() != dimension {
        return Err(Error::Shape {
            what: "the start",
            found: format!("{} long", start.len()),
            expected: format!("{dimension} long"),
        });
    }
    let mut point = Point { grad: vec![T::zero(); dimension], cost: 0.0, theta: start };
    point.cost = objective.cost_and_grad(&point.theta, &mut point.grad);
    if !point.cost.is_finite() {
        return Err(Error::Setting {
            what: "the cost at the start",
            found: point.cost.to_string(),
            expected: "a finite number",
        });
    }
    let mut counted = Counted { objective, evaluations: 1 };
    let mut method = Method::new(optimizer, dimension);
    let mut iterations = 0;
    while iterations < settings.iterations && norm(&point.grad) > settings.grad_norm {
        iterations += 1;
        match &mut method {
            Method::Step(method) => {
                method.step(&mut point.theta, &point.grad, settings.learning_rate);
                point.cost = counted.cost_and_grad(&point.theta, &mut point.grad);
            }
            Method::Batch(method) => {
                if method.iterate(&mut counted, &mut point) == Iteration::Stalled {
                    break;
                }
            }
        }
    }
    Ok(Minimum { point, iterations, evaluations: counted.evaluations })
}

/// Counts how often J and ∇J are asked for.
struct Counted<O> {
    objective: O,
    evaluations: usize,
}

impl<T: Scalar, O: Objective<T>> Objective<T> for Counted<O> {
    fn dimension(&self) -> usize {
        self.objective.dimension()
    }

    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64 {
        self.evaluations += 1;
        self.objective.cost_and_grad(theta, grad)
    }
}
