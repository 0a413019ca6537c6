//! Limited-memory BFGS (Nocedal 1980; Liu & Nocedal 1989).
//!
//! The direction is d = −H∇J, where H approximates the inverse of the second derivatives and is never formed:
//! it is γI, updated by the last few pairs s = Θ₁ − Θ₀, y = g₁ − g₀, with ρ = 1/s·y (Nocedal & Wright 2006, 7.4):
//!
//! ```text
//! q = ∇J;   newest to oldest: c_i = ρ_i s_i·q,  q ← q − c_i y_i
//! r = γ q,  γ = s·y/y·y of the newest
//!           oldest to newest: r ← r + s_i (c_i − ρ_i y_i·r)
//! d = −r
//! ```

use super::line_search::{LineSearch, LineSearchOptions};
use super::{BatchMethod, Iteration, Point};
use crate::objective::Objective;
use crate::real::{Scalar, dot, norm};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Pairs remembered by default.
pub const MEMORY: usize = 10;

/// L-BFGS with a strong Wolfe line search; all its state is data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Lbfgs<T> {
    search: LineSearch<T>,
    memory: usize,
    /// Oldest first.
    pairs: VecDeque<Pair<T>>,
    /// The vectors of a forgotten pair, used for the next: nothing is allocated once the memory is full.
    #[serde(skip)]
    spare: Option<Pair<T>>,
    #[serde(skip)]
    direction: Vec<T>,
    #[serde(skip)]
    coefficients: Vec<f64>,
}

/// One step, the change of gradient along it, and what the recursion needs of their products.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
struct Pair<T> {
    s: Vec<T>,
    y: Vec<T>,
    /// 1/s·y.
    rho: f64,
    /// s·y/y·y.
    gamma: f64,
}

impl<T: Scalar> Default for Lbfgs<T> {
    fn default() -> Self {
        Self::new(MEMORY, LineSearchOptions::default())
    }
}

impl<T: Scalar> Lbfgs<T> {
    /// The method remembering `memory` pairs, at least one, with this line search.
    pub fn new(memory: usize, options: LineSearchOptions) -> Self {
        Self {
            search: LineSearch::new(options),
            memory: memory.max(1),
            pairs: VecDeque::new(),
            spare: None,
            direction: Vec::new(),
            coefficients: Vec::new(),
        }
    }

    /// The lengths of its vectors: 0, or the number of parameters.
    pub(super) fn lengths(&self) -> Vec<usize> {
        self.pairs.iter().flat_map(|pair| [pair.s.len(), pair.y.len()]).collect()
    }

    /// d = −H∇J by the two loops.
    fn aim(&mut self, grad: &[T]) {
        let d = &mut self.direction;
        d.clear();
        d.extend(grad.iter().map(|&g| -g));
        self.coefficients.clear();
        for pair in self.pairs.iter().rev() {
            let along = pair.rho * dot(&pair.s, d);
            add_scaled(d, -along, &pair.y);
            self.coefficients.push(along);
        }
        if let Some(newest) = self.pairs.back() {
            let gamma = T::constant(newest.gamma);
            for d in d.iter_mut() {
                *d *= gamma;
            }
        }
        for (pair, along) in self.pairs.iter().zip(self.coefficients.iter().rev()) {
            let across = pair.rho * dot(&pair.y, d);
            add_scaled(d, along - across, &pair.s);
        }
    }

    /// Remembers the step just made, unless its curvature s·y is not clearly positive: then H would lose its
    /// positive definiteness to rounding.
    fn remember(&mut self, point: &Point<T>) {
        let mut pair =
            self.spare.take().unwrap_or_else(|| Pair { s: Vec::new(), y: Vec::new(), rho: 0.0, gamma: 0.0 });
        let (theta, grad) = self.search.previous();
        difference(&mut pair.s, &point.theta, theta);
        difference(&mut pair.y, &point.grad, grad);
        let (sy, yy) = (dot(&pair.s, &pair.y), dot(&pair.y, &pair.y));
        pair.rho = 1.0 / sy;
        pair.gamma = sy / yy;
        let curved = sy > T::EPSILON * norm(&pair.s) * yy.sqrt();
        if !(curved && pair.rho.is_finite() && pair.gamma.is_finite()) {
            self.spare = Some(pair);
            return;
        }
        if self.pairs.len() >= self.memory {
            self.spare = self.pairs.pop_front();
        }
        self.pairs.push_back(pair);
    }
}

impl<T: Scalar> BatchMethod<T> for Lbfgs<T> {
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration {
        if self.pairs.front().is_some_and(|pair| pair.s.len() != point.theta.len()) {
            self.pairs.clear();
        }
        loop {
            self.aim(&point.grad);
            let first = if self.pairs.is_empty() { (1.0 / norm(&point.grad)).min(1.0) } else { 1.0 };
            if self.search.search(objective, point, &self.direction, first).is_some() {
                self.remember(point);
                return Iteration::Moved;
            }
            if self.pairs.is_empty() {
                return Iteration::Stalled;
            }
            self.pairs.clear();
        }
    }
}

/// x ← x + a y.
fn add_scaled<T: Scalar>(x: &mut [T], a: f64, y: &[T]) {
    let a = T::constant(a);
    for (x, &y) in x.iter_mut().zip(y) {
        *x += a * y;
    }
}

/// out = x − y.
fn difference<T: Scalar>(out: &mut Vec<T>, x: &[T], y: &[T]) {
    out.clear();
    out.extend(x.iter().zip(y).map(|(&x, &y)| x - y));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::test_costs::{Cliff, Quadratic, Rosenbrock, minimise, resumed, start};

    #[test]
    fn rosenbrock_is_solved_and_costs_what_it_did() {
        let mut cost = Rosenbrock::<f64>::new(2);
        let (point, _) = minimise(&mut cost, &mut Lbfgs::default(), vec![-1.2, 1.0]);
        assert!(point.cost < 1e-10, "{}", point.cost);
        assert!(cost.evaluations <= 48, "{} evaluations, SciPy's L-BFGS-B takes 46", cost.evaluations);
        let mut cost = Rosenbrock::<f64>::new(20);
        let (point, _) = minimise(&mut cost, &mut Lbfgs::default(), [-1.2, 1.0].repeat(10));
        assert!(point.cost < 1e-10, "{}", point.cost);
        assert!(cost.evaluations <= 187, "{} evaluations, SciPy's L-BFGS-B takes 170", cost.evaluations);
    }

    #[test]
    fn f32_comes_as_close_as_its_digits_allow() {
        let mut cost = Rosenbrock::<f32>::new(6);
        let (point, _) = minimise(&mut cost, &mut Lbfgs::default(), [-1.2f32, 1.0].repeat(3));
        assert!(point.cost < 1e-9, "{}", point.cost);
    }

    /// Two loops with exact line searches on a quadratic are conjugate gradients: n steps for n dimensions.
    #[test]
    fn a_quadratic_takes_as_many_steps_as_it_has_dimensions() {
        let exact = LineSearchOptions { c2: 1e-10, ..LineSearchOptions::default() };
        let mut cost = Quadratic { dimension: 6 };
        let mut method = Lbfgs::<f64>::new(MEMORY, exact);
        let mut point = start(&mut cost, vec![1.0; 6]);
        for _ in 0..6 {
            method.iterate(&mut cost, &mut point);
        }
        assert!(norm(&point.grad) < 1e-6, "{}", norm(&point.grad));
    }

    #[test]
    fn a_cliff_of_infinite_cost_is_avoided() {
        let mut cost = Cliff { edge: 1.0001, evaluations: 0 };
        let (point, _) = minimise(&mut cost, &mut Lbfgs::default(), vec![-3.0, 0.5]);
        assert!(point.cost.is_finite() && point.theta.iter().all(|v: &f64| v.is_finite()));
        assert!((point.theta[0] - 1.0).abs() < 1e-5, "{:?}", point.theta);
    }

    #[test]
    fn what_cannot_move_is_left_alone() {
        let mut cost = Rosenbrock::<f64>::new(4);
        let mut point = start(&mut cost, vec![1.0; 4]);
        let mut method = Lbfgs::default();
        assert_eq!(method.iterate(&mut cost, &mut point), Iteration::Stalled);
        assert_eq!(point.theta, vec![1.0; 4]);
        // A point whose cost could not be computed has no direction either.
        let mut broken = Point { theta: vec![f64::NAN; 4], cost: f64::NAN, grad: vec![f64::NAN; 4] };
        assert_eq!(method.iterate(&mut cost, &mut broken), Iteration::Stalled);
    }

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest() {
        let mut cost = Rosenbrock::<f64>::new(20);
        let mut method = Lbfgs::new(3, LineSearchOptions::default());
        let mut point = start(&mut cost, [-1.2, 1.0].repeat(10));
        for _ in 0..12 {
            assert_eq!(method.iterate(&mut cost, &mut point), Iteration::Moved);
            assert!(method.pairs.len() <= 3);
            assert!(method.pairs.iter().all(|pair| pair.rho > 0.0));
        }
    }

    #[test]
    fn a_resumed_run_has_the_bits_of_an_uninterrupted_one() {
        resumed::<f64, _>(Lbfgs::default());
        resumed::<f32, _>(Lbfgs::default());
    }
}
