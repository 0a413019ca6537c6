//! Bring your own function: any closure that gives J and ∇J, minimised by any of the methods.

use super::counted::Counted;
use super::{BatchMethod, Iteration, Method, Optimizer, Point, StepMethod};
use crate::error::{Error, Result};
use crate::machine::team::Spread;
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
    /// Θ, J and ∇J at the lowest finite J found.
    pub point: Point<T>,
    /// Steps or iterations taken.
    pub iterations: usize,
    /// Evaluations of J and ∇J; a product with the second derivatives counts two.
    pub evaluations: f64,
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
/// A start of another length; `auto`, which needs to know more than J and ∇J; constants or a rate out of range; a cost or
/// gradient at the start that is not finite. Levenberg–Marquardt stays there when the objective has no Gauss–Newton
/// matrix, as a closure has none.
pub fn minimise<T: Scalar>(
    objective: impl Objective<T>,
    start: Vec<T>,
    optimizer: Optimizer,
    settings: MinimiseSettings,
) -> Result<Minimum<T>> {
    let mut objective = objective;
    let setting = |what, found: String, expected| Err(Error::Setting { what, found, expected });
    if matches!(optimizer, Optimizer::Auto) {
        return setting(
            "the method for a function of one's own",
            "auto".into(),
            "one by name, such as lbfgs",
        );
    }
    optimizer.validate_constants()?;
    if !(settings.learning_rate.is_finite() && settings.learning_rate > 0.0) {
        return setting("the learning rate", settings.learning_rate.to_string(), "a positive number");
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
    if !is_finite(&point) {
        return setting("the cost or its gradient at the start", point.cost.to_string(), "finite");
    }
    let mut counted = Counted { objective, evaluations: 1.0, outputs: 1 };
    let mut best = point.clone();
    let mut method = Method::new(optimizer, dimension);
    let mut iterations = 0;
    while iterations < settings.iterations && norm(&point.grad) > settings.grad_norm {
        iterations += 1;
        match &mut method {
            Method::Step(method) => {
                method.step(&mut point.theta, &point.grad, settings.learning_rate, &mut Spread::alone());
                point.cost = counted.cost_and_grad(&point.theta, &mut point.grad);
                if !is_finite(&point) {
                    break;
                }
            }
            Method::Batch(method) => {
                if method.iterate(&mut counted, &mut point) == Iteration::Stalled {
                    break;
                }
            }
        }
        if point.cost < best.cost {
            best.clone_from(&point);
        }
    }
    Ok(Minimum { point: best, iterations, evaluations: counted.evaluations })
}

fn is_finite<T: Scalar>(point: &Point<T>) -> bool {
    point.cost.is_finite() && norm(&point.grad).is_finite()
}
