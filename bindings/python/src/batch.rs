//! Training by a method that works on the cost of all rows.

use crate::arrays::{Number, PyRows, Rows, by_dtype, in_use};
use crate::compute::{Signals, compute, raise};
use crate::network::Network;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use retrograde::objective::{NetworkObjective, Objective};
use retrograde::optimize::method::Method;
use retrograde::optimize::{BatchMethod, Iteration, Optimizer, Point};
use retrograde::{Regularisation, Scalar};

/// When to end.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    /// λ: scikit-learn's `alpha`.
    alpha: f64,
    max_iter: usize,
    /// Evaluations of J and ∇J; asked after each iteration.
    max_fun: usize,
    /// Ends where no derivative is larger.
    tol: f64,
    /// Ends where J falls by less, relative to J or 1, whichever is larger.
    cost_tol: f64,
    threads: usize,
}

/// Why a training ended.
#[derive(Debug, Clone, Copy)]
enum End {
    Flat,
    Slow,
    Stalled,
    Iterations,
    Evaluations,
    Asked,
    NotFinite,
}

impl End {
    fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Slow => "slow",
            Self::Stalled => "stalled",
            Self::Iterations => "iterations",
            Self::Evaluations => "evaluations",
            Self::Asked => "asked",
            Self::NotFinite => "not finite",
        }
    }
}

/// J of the network until somebody presses Ctrl-C, then NaN, which ends a line search.
struct Watched<'a, T: Scalar> {
    inner: NetworkObjective<'a, T>,
    signals: Signals,
    evaluations: usize,
}

impl<T: Scalar> Objective<T> for Watched<'_, T> {
    fn dimension(&self) -> usize {
        self.inner.dimension()
    }

    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64 {
        if !self.signals.go_on() {
            return f64::NAN;
        }
        self.evaluations += 1;
        self.inner.cost_and_grad(theta, grad)
    }

    fn hessian_vector(&mut self, at: &Point<T>, v: &[T], out: &mut [T]) {
        self.evaluations += 1;
        self.inner.hessian_vector(at, v, out);
    }

    fn gauss_newton(&mut self, theta: &[T], matrix: &mut Vec<f64>) -> bool {
        self.evaluations += 1;
        self.inner.gauss_newton(theta, matrix)
    }
}

/// Moves θ, in place, to a lower cost. Returns the iterations, the evaluations, J, and why it ended.
///
/// `after_iteration(iterations, J)`, if given, finds θ moved and ends the training by returning False.
#[pyfunction]
#[pyo3(signature = (network, theta, rows, optimizer, settings, after_iteration=None))]
pub(crate) fn fit_batch(
    network: &Network,
    theta: &Bound<'_, PyAny>,
    rows: PyRows<'_>,
    optimizer: &str,
    settings: Settings,
    after_iteration: Option<Bound<'_, PyAny>>,
) -> PyResult<(usize, usize, f64, &'static str)> {
    let optimizer = Optimizer::from_name(optimizer).map_err(raise)?;
    optimizer.validate(&network.inner).map_err(raise)?;
    by_dtype!(theta, fit(&network.inner, &rows, optimizer, &settings, after_iteration.as_ref()))
}

fn fit<'py, T: Number>(
    theta: &Bound<'py, PyArray1<T>>,
    network: &retrograde::Network,
    rows: &PyRows<'py>,
    optimizer: Optimizer,
    settings: &Settings,
    after_iteration: Option<&Bound<'py, PyAny>>,
) -> PyResult<(usize, usize, f64, &'static str)> {
    let weights = network.weight_count();
    if !optimizer.is_batch_method() {
        let name = optimizer.name();
        return Err(PyValueError::new_err(format!("{name} is no method for all rows at once; lbfgs is one")));
    }
    let Method::Batch(mut method) = Method::new(optimizer, weights) else {
        return Err(PyValueError::new_err("no method for all rows at once"));
    };
    let rows = Rows::<T>::new(rows)?;
    let regularisation = Regularisation::l2(settings.alpha);
    regularisation.validate(network).map_err(raise)?;
    let inner = NetworkObjective::new(network, rows.examples(network)?, regularisation, settings.threads);
    let mut objective = Watched { inner: inner.map_err(raise)?, signals: Signals::new(), evaluations: 0 };
    let start = theta.to_vec().map_err(|_| PyValueError::new_err("theta has gaps"))?;
    if start.len() != weights {
        let found = start.len();
        return Err(PyValueError::new_err(format!("theta has {found} weights; expected {weights}")));
    }
    let mut point = Point { grad: vec![T::zero(); weights], cost: 0.0, theta: start };
    let outcome = run(&mut objective, &mut method, &mut point, settings, (theta, after_iteration));
    write(theta, &point.theta)?;
    let (iterations, end) = outcome?;
    Ok((iterations, objective.evaluations, point.cost, end.name()))
}

/// θ in Python's array.
fn write<T: Number>(theta: &Bound<'_, PyArray1<T>>, values: &[T]) -> PyResult<()> {
    let mut written = theta.try_readwrite().map_err(|_| in_use("theta"))?;
    written.as_slice_mut().map_err(|_| in_use("theta"))?.copy_from_slice(values);
    Ok(())
}

fn run<T: Number>(
    objective: &mut Watched<'_, T>,
    method: &mut (impl BatchMethod<T> + Send),
    point: &mut Point<T>,
    settings: &Settings,
    (theta, after_iteration): (&Bound<'_, PyArray1<T>>, Option<&Bound<'_, PyAny>>),
) -> PyResult<(usize, End)> {
    let py = theta.py();
    point.cost = compute(py, || Ok(objective.cost_and_grad(&point.theta, &mut point.grad)))?;
    objective.signals.outcome()?;
    if !(point.cost.is_finite() && largest(&point.grad).is_finite()) {
        return Ok((0, End::NotFinite));
    }
    let mut iterations = 0;
    loop {
        if largest(&point.grad) <= settings.tol {
            return Ok((iterations, End::Flat));
        }
        let before = point.cost;
        let iteration = compute(py, || Ok(method.iterate(objective, point)))?;
        objective.signals.outcome()?;
        if iteration == Iteration::Stalled {
            return Ok((iterations, End::Stalled));
        }
        iterations += 1;
        if let Some(after_iteration) = after_iteration {
            write(theta, &point.theta)?;
            let answer = after_iteration.call1((iterations, point.cost))?;
            if !answer.is_none() && !answer.is_truthy()? {
                return Ok((iterations, End::Asked));
            }
        }
        let scale = before.abs().max(point.cost.abs()).max(1.0);
        if largest(&point.grad) <= settings.tol {
            return Ok((iterations, End::Flat));
        } else if iterations >= settings.max_iter {
            return Ok((iterations, End::Iterations));
        } else if objective.evaluations > settings.max_fun {
            return Ok((iterations, End::Evaluations));
        } else if before - point.cost <= settings.cost_tol * scale {
            return Ok((iterations, End::Slow));
        }
    }
}

/// max |∂J/∂Θ_i|; NaN counts as infinite.
fn largest<T: Scalar>(grad: &[T]) -> f64 {
    grad.iter().fold(0.0, |most, g| {
        let size = g.value().abs();
        if size <= most {
            most
        } else if size.is_nan() {
            f64::INFINITY
        } else {
            size
        }
    })
}
