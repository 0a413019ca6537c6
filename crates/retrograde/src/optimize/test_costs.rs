//! Functions with known minima, for the tests of the methods.

use crate::objective::Objective;
use crate::optimize::{BatchMethod, Iteration, Point};
use crate::real::{Scalar, norm};
use serde::{Serialize, de::DeserializeOwned};

/// Σ 100 (x_{i+1} − x_i²)² + (1 − x_i)² (Rosenbrock 1960).
#[derive(Clone)]
pub(super) struct Rosenbrock<T> {
    dimension: usize,
    pub(super) evaluations: usize,
    scalar: std::marker::PhantomData<T>,
}

impl<T> Rosenbrock<T> {
    pub(super) fn new(dimension: usize) -> Self {
        Self { dimension, evaluations: 0, scalar: std::marker::PhantomData }
    }
}

impl<T: Scalar> Objective<T> for Rosenbrock<T> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn cost_and_grad(&mut self, x: &[T], grad: &mut [T]) -> f64 {
        self.evaluations += 1;
        grad.fill(T::zero());
        let mut cost = T::zero();
        for i in 0..x.len() - 1 {
            let (valley, distance) = (x[i + 1] - x[i] * x[i], T::one() - x[i]);
            cost += T::constant(100.0) * valley * valley + distance * distance;
            grad[i] -= T::constant(400.0) * x[i] * valley + T::constant(2.0) * distance;
            grad[i + 1] += T::constant(200.0) * valley;
        }
        cost.value()
    }
}

/// ½ Σ i² x_i² + ½ (Σ x_i)²: n different curvatures, no two coordinates independent.
pub(super) struct Quadratic {
    pub(super) dimension: usize,
}

impl Objective<f64> for Quadratic {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn cost_and_grad(&mut self, x: &[f64], grad: &mut [f64]) -> f64 {
        let sum: f64 = x.iter().sum();
        let mut cost = 0.5 * sum * sum;
        for (i, (grad, x)) in grad.iter_mut().zip(x).enumerate() {
            let curvature = ((i + 1) * (i + 1)) as f64;
            *grad = curvature * x + sum;
            cost += 0.5 * curvature * x * x;
        }
        cost
    }
}

/// (x − 1)⁴ + (x − 1)² + y², infinite or NaN from x = `edge` on, right behind the minimum at (1, 0).
pub(super) struct Cliff {
    pub(super) edge: f64,
    pub(super) evaluations: usize,
}

impl Objective<f64> for Cliff {
    fn dimension(&self) -> usize {
        2
    }

    fn cost_and_grad(&mut self, x: &[f64], grad: &mut [f64]) -> f64 {
        self.evaluations += 1;
        let u = x[0] - 1.0;
        grad.copy_from_slice(&[4.0 * u * u * u + 2.0 * u, 2.0 * x[1]]);
        match x[0] {
            x if x < self.edge => {}
            x if x < 2.0 * self.edge => grad[0] = f64::NAN,
            _ => return f64::INFINITY,
        }
        u.powi(4) + u * u + x[1] * x[1]
    }
}

pub(super) fn start<T: Scalar>(cost: &mut dyn Objective<T>, theta: Vec<T>) -> Point<T> {
    let mut grad = vec![T::zero(); theta.len()];
    let value = cost.cost_and_grad(&theta, &mut grad);
    Point { theta, cost: value, grad }
}

/// Iterates to a gradient of 1e-10 or until nothing moves; every move but one in rounding must descend.
pub(super) fn minimise<T: Scalar>(
    cost: &mut dyn Objective<T>,
    method: &mut dyn BatchMethod<T>,
    theta: Vec<T>,
) -> (Point<T>, Iteration) {
    let mut point = start(cost, theta);
    for _ in 0..5_000 {
        let before = (point.cost, norm(&point.grad));
        if method.iterate(cost, &mut point) == Iteration::Stalled {
            return (point, Iteration::Stalled);
        }
        assert!(point.cost < before.0 || norm(&point.grad) < before.1);
        assert!(point.cost <= before.0 + super::line_search::ROUNDING * T::EPSILON * before.0.abs());
        if norm(&point.grad) < 1e-10 {
            break;
        }
    }
    (point, Iteration::Moved)
}

/// Stops after each of 0 … 30 iterations, writes the state to JSON, reads it back and goes on.
pub(super) fn resumed<T: Scalar, M>(method: M)
where
    M: BatchMethod<T> + Serialize + DeserializeOwned + Clone,
{
    let mut cost = Rosenbrock::<T>::new(4);
    let theta = [T::constant(-1.2), T::constant(1.0)].repeat(2);
    let mut run = |mut method: M, interrupted: bool| -> Vec<Vec<u64>> {
        let mut point = start(&mut cost, theta.clone());
        (0..30)
            .map(|_| {
                method.iterate(&mut cost, &mut point);
                if interrupted {
                    let text = serde_json::to_string(&method).unwrap();
                    method = serde_json::from_str(&text).unwrap();
                }
                point.theta.iter().map(|v| v.value().to_bits()).collect()
            })
            .collect()
    };
    let whole = run(method.clone(), false);
    assert_eq!(whole, run(method.clone(), false), "the same run twice");
    assert_eq!(whole, run(method, true), "resumed after every iteration");
}
