//! The range test of learning rates (Smith 2017): a short training whose rate grows with every step, and where its
//! cost falls, turns and blows up.

use super::batches::Batches;
use super::settings::TrainSettings;
use crate::dropout::Draw;
use crate::error::{Error, Result};
use crate::evaluator::{Divisors, Evaluator};
use crate::examples::Examples;
use crate::optimize::{Method, Optimizer};
use crate::params::Params;
use crate::real::{Scalar, norm};
use serde::Serialize;

/// Which rates to try.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RangeSettings {
    /// The first rate.
    pub from: f64,
    /// The last rate; the test ends before where the cost blows up.
    pub to: f64,
    /// Steps from one to the other, each by the same factor.
    pub steps: usize,
}

impl Default for RangeSettings {
    fn default() -> Self {
        Self { from: 1e-6, to: 10.0, steps: 200 }
    }
}

/// One step of the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RangePoint {
    /// η of the step.
    pub rate: f64,
    /// J of the step's rows, before the step.
    pub cost: f64,
    /// A mean of the costs so far with weights 0.9ᵏ.
    pub smoothed: f64,
}

/// What a range test found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RangeTest {
    /// In order of the rates.
    pub points: Vec<RangePoint>,
    /// The rate where the smoothed cost was lowest; None when it never fell.
    pub lowest: Option<f64>,
    /// A tenth of it: the cost still falls there, and there is room to where it turns.
    pub proposed: Option<f64>,
    /// Whether the test ended because the cost blew up.
    pub blew_up: bool,
}

/// The share of the mean that each step keeps.
const SMOOTHING: f64 = 0.9;
/// A rise by so many standard deviations of the first costs, and by more than they had fallen, is no accident.
const BLOWN_UP: f64 = 3.0;
/// The cost must have fallen by this share, or nothing was learnt at any rate.
const LEAST_FALL: f64 = 0.01;
/// So many costs, at rates too small to learn by, say where the cost began and how far batches lie apart.
const BEGINNING: usize = 10;

/// Tries rates from `range.from` to `range.to` in one short training from `start`.
///
/// # Errors
/// As [`train`](super::train()), rates out of order, and a method that has no learning rate.
pub fn range_test<T: Scalar>(
    start: &Params<T>,
    train: &Examples<'_, T>,
    settings: &TrainSettings,
    range: RangeSettings,
) -> Result<RangeTest> {
    let network = start.network();
    let chosen = match settings.optimizer {
        Optimizer::Auto => Optimizer::ADAM,
        other => other,
    };
    let settings = TrainSettings { optimizer: chosen, ..settings.clone() }.resolved(network, train.rows());
    settings.validate(network)?;
    train.expect_for(network)?;
    validate(range)?;
    let method = Method::<T>::new(settings.optimizer, network.weight_count());
    let (Method::Step(mut method), false) = (method, settings.optimizer == Optimizer::Rprop) else {
        return Err(Error::Setting {
            what: "the method of a range test",
            found: settings.optimizer.name().into(),
            expected: "one with a learning rate, such as adam",
        });
    };
    let size = settings.batch_rows(train.rows());
    let mut evaluator = Evaluator::new(network, settings.regularisation, size, settings.threads)?;
    let mut batches = Batches::new(network, train.into(), &settings);
    let (mut theta, mut grad) = (start.values().to_vec(), vec![T::zero(); network.weight_count()]);
    let (rules, total) = (settings.rules(), train.total_weight());
    let mut curve = Curve::default();
    for step in 0..range.steps {
        let index = step % batches.count();
        if index == 0 {
            batches.shuffle(1 + step / batches.count());
        }
        if !settings.dropout.is_empty() {
            let epoch = 1 + (step / batches.count()) as u64;
            let rates = settings.dropout.clone();
            evaluator.drop_units(Some(Draw { rates, seed: settings.seed, epoch, batch: index as u32 }));
        }
        let rows = batches.gather(index)?;
        let cost =
            evaluator.cost_and_grad_over(&theta, &rows, Divisors::share(train, rows.rows()), &mut grad);
        let rate = range.rate(step);
        if !norm(&grad).is_finite() || curve.add(rate, cost) {
            curve.blew_up = true;
            break;
        }
        rules.step(&mut method, network, (&mut theta, &mut grad), (rate, total), &mut evaluator.spread());
    }
    Ok(curve.result())
}

fn validate(range: RangeSettings) -> Result<()> {
    let setting = |what, found: String, expected| Err(Error::Setting { what, found, expected });
    if !(range.from > 0.0 && range.from < range.to && range.to.is_finite()) {
        return setting(
            "the range of rates",
            format!("{} to {}", range.from, range.to),
            "two positive numbers, the smaller first",
        );
    }
    if !(10..=1_000_000).contains(&range.steps) {
        return setting(
            "the number of steps of a range test",
            range.steps.to_string(),
            "from 10 to 1,000,000",
        );
    }
    Ok(())
}

impl RangeSettings {
    /// η of a step, from 0.
    fn rate(&self, step: usize) -> f64 {
        let share = step as f64 / (self.steps - 1) as f64;
        // By logarithms: the ratio of the two may be more than there are numbers for.
        (self.from.ln() + share * (self.to.ln() - self.from.ln())).exp()
    }
}

/// The costs of a test so far.
#[derive(Default)]
struct Curve {
    points: Vec<RangePoint>,
    mean: f64,
    /// The lowest smoothed cost.
    lowest: Option<f64>,
    blew_up: bool,
}

impl Curve {
    /// Adds a step; true when its cost has blown up.
    fn add(&mut self, rate: f64, cost: f64) -> bool {
        if !cost.is_finite() {
            return true;
        }
        self.mean = SMOOTHING * self.mean + (1.0 - SMOOTHING) * cost;
        let weight = 1.0 - SMOOTHING.powf((self.points.len() + 1) as f64);
        let smoothed = self.mean / weight;
        self.points.push(RangePoint { rate, cost, smoothed });
        let lowest = self.lowest.map_or(smoothed, |lowest| lowest.min(smoothed));
        self.lowest = Some(lowest);
        if self.points.len() < BEGINNING {
            return false;
        }
        // Costs of some losses are negative: what counts is the height above the beginning, measured by the fall, and
        // beyond what batches differ by.
        let (first, scatter) = self.beginning();
        smoothed - first > (first - lowest).max(BLOWN_UP * scatter).max(LEAST_FALL * first.abs())
    }

    /// Mean and standard deviation of the first costs.
    fn beginning(&self) -> (f64, f64) {
        let costs: Vec<f64> = self.points.iter().take(BEGINNING).map(|p| p.cost).collect();
        let mean = costs.iter().sum::<f64>() / costs.len() as f64;
        let squares: f64 = costs.iter().map(|c| (c - mean).powi(2)).sum();
        (mean, (squares / costs.len() as f64).sqrt())
    }

    fn result(self) -> RangeTest {
        if self.points.is_empty() {
            return RangeTest { points: self.points, lowest: None, proposed: None, blew_up: self.blew_up };
        }
        let (first, scatter) = self.beginning();
        let Self { points, blew_up, .. } = self;
        let lowest = points.iter().min_by(|a, b| a.smoothed.total_cmp(&b.smoothed));
        // Batches differ by chance: a fall that is no more than that is none.
        let fallen = |p: &&RangePoint| first - p.smoothed > scatter.max(LEAST_FALL * first.abs());
        let lowest = lowest.filter(fallen).map(|p| p.rate);
        RangeTest { proposed: lowest.map(|rate| rate / 10.0), lowest, points, blew_up }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_grow_by_one_factor() {
        let range = RangeSettings { from: 1e-3, to: 10.0, steps: 13 };
        let rates: Vec<f64> = (0..13).map(|k| range.rate(k)).collect();
        assert!(rates.windows(2).all(|r| (r[1] / r[0] - 10f64.powf(1.0 / 3.0)).abs() < 1e-12));
        assert!((rates[12] - 10.0).abs() < 1e-12);
    }

    #[test]
    fn the_mean_is_unbiased_and_the_proposal_a_tenth_of_the_lowest() {
        let mut curve = Curve::default();
        assert!(!curve.add(0.1, 2.0));
        assert_eq!(curve.points[0].smoothed, 2.0);
        assert!(!curve.add(0.2, 1.0));
        // (0.09·2 + 0.1·1)/(1 − 0.81)
        assert!((curve.points[1].smoothed - 0.28 / 0.19).abs() < 1e-15);
        let mut curve = Curve::default();
        assert!((0..BEGINNING).all(|_| !curve.add(0.1, 2.0)));
        assert!(!curve.add(0.4, 0.5) && !curve.add(0.8, 3.0));
        assert!(curve.add(1.6, 100.0));
        let found = curve.result();
        assert_eq!(
            (found.lowest, found.proposed, found.points.len()),
            (Some(0.4), Some(0.04), BEGINNING + 3)
        );
    }

    #[test]
    fn what_never_falls_proposes_nothing() {
        let mut curve = Curve::default();
        // Batches that differ, and nothing learnt.
        for k in 1..200 {
            curve.add(f64::from(k), if k % 3 == 0 { 0.7 } else { 1.0 });
        }
        assert_eq!(curve.result().proposed, None);
    }
}
