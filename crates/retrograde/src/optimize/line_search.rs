//! A step t along a direction d that lowers φ(t) = J(Θ + t d) enough and ends where φ is flat enough.
//!
//! Both are the strong Wolfe conditions (Nocedal & Wright 2006, 3.7), also called Wolfe–Powell:
//!
//! ```text
//! φ(t) − φ(0) ≤ c₁ t φ′(0)        |φ′(t)| ≤ c₂ |φ′(0)|        0 < c₁ < c₂ < 1
//! ```
//!
//! The search is Moré & Thuente's (ACM TOMS 20, 1994): an interval that holds such a t shrinks by cubic and
//! quadratic interpolation, by bisection when those are slow, and grows by up to five times while none is known.
//!
//! Near a minimum the differences of J are rounding while its slopes still have digits. Where |φ(t) − φ(0)| is
//! within rounding, the slopes therefore stand in for it, φ(t) − φ(0) ≈ t (φ′(0) + φ′(t))/2, which turns the
//! first condition into Hager & Zhang's approximate one, φ′(t) ≤ (2c₁ − 1) φ′(0) (SIAM J. Optim. 16, 2005).
//! A step of that kind that does not lower J itself must reach the smallest gradient so far; both the cost and
//! that record only ever fall, so no sequence of steps can circle.

use super::Point;
use super::interval::{Interval, Sample};
use crate::objective::Objective;
use crate::real::{Scalar, dot, norm};
use serde::{Deserialize, Serialize};

/// Differences of J below this many ε·|J| are rounding.
pub(super) const ROUNDING: f64 = 8.0;

/// The constants of the Wolfe conditions and when to give up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LineSearchOptions {
    /// c₁: the share of the decrease promised by the slope that a step must deliver.
    pub c1: f64,
    /// c₂: the share of the slope that may be left.
    pub c2: f64,
    /// Evaluations of J and ∇J in one search, at most.
    pub max_evaluations: usize,
    /// An interval of this width, relative to its end, is as good as a point.
    pub interval_tolerance: f64,
}

impl Default for LineSearchOptions {
    /// c₁ = 10⁻⁴ and c₂ = 0.9, the usual pair for quasi-Newton directions.
    fn default() -> Self {
        Self { c1: 1e-4, c2: 0.9, max_evaluations: 25, interval_tolerance: 1e-9 }
    }
}

/// An accepted step: the point has moved by t·d.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// t.
    pub length: f64,
    /// φ′(0), negative.
    pub slope_before: f64,
    /// φ′(t).
    pub slope_after: f64,
    /// Why it was accepted.
    pub accepted: Acceptance,
}

/// What an accepted step satisfies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// Both strong Wolfe conditions.
    Wolfe,
    /// Both, with the slopes standing in for a difference of costs that is rounding.
    ApproximateWolfe,
    /// A lower cost only: the evaluations or the interval were used up first, as happens at a kink.
    Decrease,
}

/// The line search with its trial vectors; no evaluation allocates.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct LineSearch<T> {
    options: LineSearchOptions,
    /// The smallest ‖∇J‖ any search started from or ended at.
    flattest: Option<f64>,
    /// The trial point; after an accepted step, the point that was left.
    #[serde(skip)]
    theta: Vec<T>,
    #[serde(skip)]
    grad: Vec<T>,
}

/// The line: where φ starts and which way it runs.
struct Line<'a, T> {
    direction: &'a [T],
    cost: f64,
    slope: f64,
    rounding: f64,
}

/// What one evaluation came to.
struct Trial {
    sample: Sample,
    cost: f64,
    approximate: bool,
}

impl<T: Scalar> LineSearch<T> {
    /// A search with these constants.
    pub fn new(options: LineSearchOptions) -> Self {
        Self { options, flattest: None, theta: Vec::new(), grad: Vec::new() }
    }

    /// The constants.
    pub fn options(&self) -> &LineSearchOptions {
        &self.options
    }

    /// Θ and ∇J of the point that the last accepted step left.
    pub fn previous(&self) -> (&[T], &[T]) {
        (&self.theta, &self.grad)
    }

    /// Moves `point` along `direction`, trying t = `first` first.
    ///
    /// None: the search has stalled. Either `direction` does not descend from `point` (φ′(0) must be negative
    /// and finite), or no trial lowered the cost; `point` is unchanged.
    /// A trial whose cost or slope is not finite is a step too far: the next one is half as long or less.
    pub fn search(
        &mut self,
        objective: &mut dyn Objective<T>,
        point: &mut Point<T>,
        direction: &[T],
        first: f64,
    ) -> Option<Step> {
        let slope = dot(&point.grad, direction);
        let usable = slope < 0.0 && slope.is_finite() && point.cost.is_finite();
        if !(usable && first > 0.0 && first.is_finite()) {
            return None;
        }
        self.prepare(point);
        let rounding = ROUNDING * T::EPSILON * point.cost.abs();
        let line = Line { direction, cost: point.cost, slope, rounding };
        let mut interval = Interval::new(slope, self.options.c1);
        let (mut t, mut lowest) = (first, (0.0, point.cost));
        for _ in 0..self.options.max_evaluations {
            let next = match self.evaluate(objective, point, &line, t) {
                None => interval.too_far(t),
                Some(trial) if self.satisfied(&line, &trial) => {
                    if !self.advances(&line, &trial) {
                        break;
                    }
                    let accepted =
                        if trial.approximate { Acceptance::ApproximateWolfe } else { Acceptance::Wolfe };
                    return Some(self.accept(point, &line, &trial, accepted));
                }
                Some(trial) => {
                    if trial.cost < lowest.1 {
                        lowest = (t, trial.cost);
                    }
                    interval.next(trial.sample, self.options.interval_tolerance)
                }
            };
            let Some(next) = next else { break };
            t = next;
        }
        self.settle(objective, point, &line, lowest)
    }

    /// Moves to the lowest trial, if one was lower than the start: it is evaluated once more.
    fn settle(
        &mut self,
        objective: &mut dyn Objective<T>,
        point: &mut Point<T>,
        line: &Line<'_, T>,
        lowest: (f64, f64),
    ) -> Option<Step> {
        if lowest.1 >= line.cost {
            return None;
        }
        let trial = self.evaluate(objective, point, line, lowest.0)?;
        (trial.cost < line.cost).then(|| self.accept(point, line, &trial, Acceptance::Decrease))
    }

    /// φ(t) and φ′(t) = ∇J(Θ + t d)·d, or None when they are not finite.
    fn evaluate(
        &mut self,
        objective: &mut dyn Objective<T>,
        point: &Point<T>,
        line: &Line<'_, T>,
        t: f64,
    ) -> Option<Trial> {
        let step = T::constant(t);
        for ((trial, &theta), &d) in self.theta.iter_mut().zip(&point.theta).zip(line.direction) {
            *trial = theta + step * d;
        }
        let cost = objective.cost_and_grad(&self.theta, &mut self.grad);
        let slope = dot(&self.grad, line.direction);
        if !(cost.is_finite() && slope.is_finite() && norm(&self.grad).is_finite()) {
            return None;
        }
        let difference = cost - line.cost;
        let approximate = difference.abs() <= line.rounding;
        let value = if approximate { 0.5 * t * (line.slope + slope) } else { difference };
        Some(Trial { sample: Sample { t, value, slope }, cost, approximate })
    }

    /// Both strong Wolfe conditions.
    fn satisfied(&self, line: &Line<'_, T>, trial: &Trial) -> bool {
        let Sample { t, value, slope } = trial.sample;
        value <= self.options.c1 * t * line.slope && slope.abs() <= self.options.c2 * line.slope.abs()
    }

    /// Whether the trial makes progress that no later step can undo: a lower cost or the smallest gradient.
    fn advances(&self, line: &Line<'_, T>, trial: &Trial) -> bool {
        trial.cost < line.cost || self.flattest.is_none_or(|flattest| norm(&self.grad) < flattest)
    }

    /// Makes the trial the point and the point the previous one.
    fn accept(
        &mut self,
        point: &mut Point<T>,
        line: &Line<'_, T>,
        trial: &Trial,
        accepted: Acceptance,
    ) -> Step {
        std::mem::swap(&mut point.theta, &mut self.theta);
        std::mem::swap(&mut point.grad, &mut self.grad);
        point.cost = trial.cost;
        let Sample { t, slope, .. } = trial.sample;
        Step { length: t, slope_before: line.slope, slope_after: slope, accepted }
    }

    /// Trial vectors of the right length, and the record of the smallest gradient.
    fn prepare(&mut self, point: &Point<T>) {
        self.theta.resize(point.theta.len(), T::zero());
        self.grad.resize(point.grad.len(), T::zero());
        let here = norm(&point.grad);
        self.flattest = Some(self.flattest.map_or(here, |flattest| flattest.min(here)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_costs::{Cliff, start};
    use super::*;
    use proptest::prelude::*;

    /// φ(t) = Σ aᵢ sin(bᵢ t + cᵢ) + k (t − m)²: several valleys, bounded below.
    #[derive(Debug, Clone)]
    struct Wavy {
        waves: Vec<(f64, f64, f64)>,
        curvature: f64,
        centre: f64,
        /// Where the computation ends, if it does.
        edge: Option<f64>,
    }

    impl Objective<f64> for Wavy {
        fn dimension(&self) -> usize {
            1
        }

        fn cost_and_grad(&mut self, x: &[f64], grad: &mut [f64]) -> f64 {
            let t = x[0];
            if self.edge.is_some_and(|edge| t.abs() > edge) {
                grad[0] = f64::NAN;
                return f64::INFINITY;
            }
            grad[0] = 2.0 * self.curvature * (t - self.centre)
                + self.waves.iter().map(|(a, b, c)| a * b * (b * t + c).cos()).sum::<f64>();
            self.curvature * (t - self.centre).powi(2)
                + self.waves.iter().map(|(a, b, c)| a * (b * t + c).sin()).sum::<f64>()
        }
    }

    fn wavy() -> impl Strategy<Value = Wavy> {
        let wave = (-2.0..2.0f64, 0.1..5.0f64, 0.0..6.3f64);
        let edge = prop_oneof![Just(None), (0.5..50.0f64).prop_map(Some)];
        (proptest::collection::vec(wave, 0..5), 1e-3..10.0f64, -20.0..20.0f64, edge)
            .prop_map(|(waves, curvature, centre, edge)| Wavy { waves, curvature, centre, edge })
    }

    proptest! {
        /// Every accepted step satisfies what it says it does, recomputed from scratch.
        #[test]
        fn accepted_steps_satisfy_the_conditions(
            mut cost in wavy(), log_first in -6.0..4.0f64, narrow in any::<bool>(),
        ) {
            let c2 = if narrow { 0.1 } else { 0.9 };
            let options = LineSearchOptions { c2, ..LineSearchOptions::default() };
            let mut search = LineSearch::new(options);
            let mut point = start(&mut cost, vec![0.0]);
            let before = point.clone();
            let direction = [-point.grad[0]];
            let slope = point.grad[0] * direction[0];
            prop_assume!(slope < -1e-6);
            let step = search.search(&mut cost, &mut point, &direction, 10f64.powf(log_first));
            let step = step.expect("a smooth function that is bounded below has such a step");
            let again = start(&mut cost, point.theta.clone());
            prop_assert_eq!(again.cost, point.cost);
            prop_assert_eq!(&again.grad, &point.grad);
            prop_assert_eq!(search.previous().0, &before.theta[..]);
            match step.accepted {
                Acceptance::Wolfe => {
                    prop_assert!(point.cost <= before.cost + options.c1 * step.length * slope + 1e-15);
                    prop_assert!((point.grad[0] * direction[0]).abs() <= c2 * slope.abs());
                }
                Acceptance::ApproximateWolfe => {
                    prop_assert!((point.cost - before.cost).abs() <= 1e-14 * before.cost.abs());
                    prop_assert!((point.grad[0] * direction[0]).abs() <= c2 * slope.abs());
                }
                // Only where the computation ends before φ turns.
                Acceptance::Decrease => {
                    prop_assert!(cost.edge.is_some() && point.cost < before.cost);
                }
            }
        }
    }

    #[test]
    fn a_first_trial_far_too_long_or_short_finds_the_parabola_s_minimum() {
        for first in [1e-8, 1e-3, 1.0, 1e3, 1e8] {
            let mut cost = Wavy { waves: vec![], curvature: 1.0, centre: 3.0, edge: None };
            let mut point = start(&mut cost, vec![0.0]);
            let options = LineSearchOptions { c2: 1e-3, ..LineSearchOptions::default() };
            let step = LineSearch::new(options).search(&mut cost, &mut point, &[1.0], first);
            assert_eq!(step.map(|s| s.accepted), Some(Acceptance::Wolfe), "{first}");
            assert!((point.theta[0] - 3.0).abs() < 0.01, "{first}: {}", point.theta[0]);
        }
    }

    #[test]
    fn trials_that_cannot_be_computed_are_halved() {
        let mut cost = Cliff { edge: 1.01, evaluations: 0 };
        let mut point = start(&mut cost, vec![0.0, 0.0]);
        let mut search = LineSearch::new(LineSearchOptions::default());
        let step = search.search(&mut cost, &mut point, &[1.0, 0.0], 1_000.0).expect("there is a step");
        assert_eq!(step.accepted, Acceptance::Wolfe);
        assert!(point.theta[0] < 1.01 && point.cost < 1.0);
    }

    #[test]
    fn directions_that_do_not_descend_are_refused_without_an_evaluation() {
        let mut cost = Cliff { edge: 5.0, evaluations: 0 };
        let mut point = start(&mut cost, vec![0.0, 0.0]);
        let mut search = LineSearch::new(LineSearchOptions::default());
        for direction in [[0.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [f64::NAN, 0.0], [f64::INFINITY, 0.0]] {
            assert_eq!(search.search(&mut cost, &mut point, &direction, 1.0), None);
        }
        assert_eq!(search.search(&mut cost, &mut point, &[1.0, 0.0], f64::NAN), None);
        assert_eq!((cost.evaluations, &point.theta[..]), (1, &[0.0, 0.0][..]));
    }

    /// 1 + (t − 1)²·1e-18 near t = 1: the differences of J are rounding, the slopes are exact.
    #[test]
    fn slopes_decide_where_costs_are_rounding() {
        struct Flat;
        impl Objective<f64> for Flat {
            fn dimension(&self) -> usize {
                1
            }
            fn cost_and_grad(&mut self, x: &[f64], grad: &mut [f64]) -> f64 {
                grad[0] = 2e-18 * (x[0] - 1.0);
                1.0 + 1e-18 * (x[0] - 1.0).powi(2)
            }
        }
        let mut point = start(&mut Flat, vec![0.0]);
        let mut search = LineSearch::new(LineSearchOptions { c2: 0.1, ..LineSearchOptions::default() });
        let step = search.search(&mut Flat, &mut point, &[1.0], 0.1).expect("the slope falls");
        assert_eq!(step.accepted, Acceptance::ApproximateWolfe);
        assert!((point.theta[0] - 1.0).abs() < 0.1);
    }

    /// |t − 1|: no step satisfies the second condition; the search says so, but does not give the descent up.
    #[test]
    fn a_kink_is_approached() {
        struct Kink;
        impl Objective<f64> for Kink {
            fn dimension(&self) -> usize {
                1
            }
            fn cost_and_grad(&mut self, x: &[f64], grad: &mut [f64]) -> f64 {
                grad[0] = if x[0] < 1.0 { -1.0 } else { 1.0 };
                (x[0] - 1.0).abs()
            }
        }
        let mut point = start(&mut Kink, vec![0.0]);
        let step = LineSearch::new(LineSearchOptions::default()).search(&mut Kink, &mut point, &[1.0], 0.3);
        assert_eq!(step.map(|s| s.accepted), Some(Acceptance::Decrease));
        assert!(point.cost < 1e-6, "{}", point.cost);
    }
}
