//! How the learning rate changes on the way: a function of the place in the training alone, so that a training put
//! down anywhere goes on as if it had not been.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// What becomes of the learning rate η.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Schedule {
    /// Its course.
    pub shape: Shape,
    /// Over the first so many epochs the rate is multiplied by (t + 1)/n, t the step of their n.
    pub warm_up: f64,
}

/// The course of the learning rate; t counts steps from 0, e epochs (with fractions, unless said otherwise).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// η.
    #[default]
    Constant,
    /// Half a cosine from η to 0 for the methods that step from mini-batches, over as many epochs as
    /// [`TrainSettings::resolved`](crate::TrainSettings::resolved) finds right for the rows; η for all others.
    Auto,
    /// η/(1 + rows seen)ᵖ, changed after each epoch: scikit-learn's `invscaling`.
    InverseScaling {
        /// p.
        power: f64,
    },
    /// η, divided by 5 instead of stopping whenever the cost has not improved for `patience` epochs, until it is
    /// 10⁻⁶ or less: scikit-learn's `adaptive`.
    Adaptive,
    /// η fᵏ after k times `every` whole epochs.
    Step {
        /// Epochs between two steps.
        every: usize,
        /// f.
        factor: f64,
    },
    /// Half a cosine from η to ηf; with a period it starts again at η after each (Loshchilov & Hutter 2017).
    Cosine {
        /// Epochs of the first period; None: all of them.
        period: Option<usize>,
        /// Each further period is so many times as long.
        growth: usize,
        /// f, the share of η at the end.
        floor: f64,
    },
    /// Up from η/25 to η along half a cosine over the first `rise` of all steps, then down to η/250,000
    /// (Smith & Topin 2019).
    OneCycle {
        /// The share of the steps on which it rises.
        rise: f64,
    },
}

/// Where a training stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Steps taken.
    pub step: u64,
    /// Steps of one epoch.
    pub steps_per_epoch: usize,
    /// Epochs at most.
    pub epochs: usize,
    /// Rows of one epoch.
    pub rows: usize,
    /// How often [`Shape::Adaptive`] has divided.
    pub reductions: u32,
}

/// What [`Shape::Adaptive`] divides by.
const ADAPTIVE_DIVISOR: f64 = 5.0;
/// And where it ends.
const ADAPTIVE_LEAST: f64 = 1e-6;
/// η/25 at the start of [`Shape::OneCycle`], and that by 10⁴ at its end.
const CYCLE_START: f64 = 25.0;
const CYCLE_END: f64 = 1e4;

impl Schedule {
    /// η at this place.
    pub fn rate(&self, base: f64, place: Place) -> f64 {
        let per_epoch = place.steps_per_epoch.max(1) as f64;
        let warm_up = (self.warm_up * per_epoch).ceil();
        let warmth = if warm_up > 0.0 { ((place.step + 1) as f64 / warm_up).min(1.0) } else { 1.0 };
        warmth * self.shape.rate(base, place)
    }

    /// Whether a training that has stopped improving goes on with a smaller rate.
    pub fn goes_on(&self, base: f64, reductions: u32) -> bool {
        self.shape == Shape::Adaptive && reduced(base, reductions) > ADAPTIVE_LEAST
    }

    /// Whether nothing was asked for that only the methods with a learning rate can do.
    pub fn is_plain(&self) -> bool {
        matches!(self.shape, Shape::Constant | Shape::Auto) && self.warm_up == 0.0
    }

    /// Whether the rate depends on how many epochs there are going to be.
    pub fn depends_on_epochs(&self) -> bool {
        matches!(self.shape, Shape::OneCycle { .. } | Shape::Cosine { period: None, .. })
    }

    /// Checks the constants.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first that is out of range.
    pub fn validate(&self) -> Result<()> {
        let setting = |what, found: String, expected| Err(Error::Setting { what, found, expected });
        if !(self.warm_up.is_finite() && self.warm_up >= 0.0) {
            return setting("the warm-up", self.warm_up.to_string(), "a number of epochs, 0 or more");
        }
        match self.shape {
            Shape::InverseScaling { power } if !(power.is_finite() && power > 0.0) => {
                setting("the power of inverse scaling", power.to_string(), "a positive number")
            }
            Shape::Step { every: 0, .. } => {
                setting("the epochs between two steps of the rate", "0".into(), "at least 1")
            }
            Shape::Step { factor, .. } if !(factor > 0.0 && factor < 1.0) => {
                setting("the factor of a step of the rate", factor.to_string(), "between 0 and 1")
            }
            Shape::Cosine { period: Some(0), .. } | Shape::Cosine { growth: 0, .. } => {
                setting("a period of the cosine", "0 epochs".into(), "at least 1")
            }
            Shape::Cosine { floor, .. } if !(0.0..1.0).contains(&floor) => {
                setting("the floor of the cosine", floor.to_string(), "at least 0 and below 1")
            }
            Shape::OneCycle { rise } if !(rise > 0.0 && rise < 1.0) => {
                setting("the rising share of the cycle", rise.to_string(), "between 0 and 1")
            }
            _ => Ok(()),
        }
    }
}

impl Shape {
    /// Half a cosine from η to 0, over all epochs.
    pub const FALLING: Self = Self::Cosine { period: None, growth: 1, floor: 0.0 };

    fn rate(self, base: f64, place: Place) -> f64 {
        let per_epoch = place.steps_per_epoch.max(1) as u64;
        let whole_epochs = place.step / per_epoch;
        let epoch = place.step as f64 / per_epoch as f64;
        match self {
            // A training has put another in the place of `Auto`.
            Self::Constant | Self::Auto => base,
            Self::InverseScaling { power } => {
                base / (1.0 + (whole_epochs * place.rows as u64) as f64).powf(power)
            }
            Self::Adaptive => reduced(base, place.reductions),
            Self::Step { every, factor } => base * factor.powf((whole_epochs / every.max(1) as u64) as f64),
            Self::Cosine { period, growth, floor } => {
                let period = period.unwrap_or(place.epochs).max(1) as f64;
                let share = share_of_period(epoch, period, growth.max(1) as f64);
                between(base, floor * base, share)
            }
            Self::OneCycle { rise } => {
                let last = (place.epochs as f64 * per_epoch as f64).max(2.0) - 1.0;
                let top = (rise * (last + 1.0) - 1.0).max(0.0);
                let step = place.step as f64;
                if step <= top && top > 0.0 {
                    between(base / CYCLE_START, base, step / top)
                } else {
                    let share = ((step - top) / (last - top)).min(1.0);
                    between(base, base / CYCLE_START / CYCLE_END, share)
                }
            }
        }
    }
}

fn reduced(base: f64, reductions: u32) -> f64 {
    base / ADAPTIVE_DIVISOR.powf(f64::from(reductions))
}

/// How much of its period is over at epoch `e`, when each is `growth` times as long as the one before.
fn share_of_period(e: f64, first: f64, growth: f64) -> f64 {
    let (mut start, mut length) = (0.0, first);
    if growth == 1.0 {
        return (e % first) / first;
    }
    while e >= start + length {
        start += length;
        length *= growth;
    }
    (e - start) / length
}

/// Half a cosine from `from` (share 0) to `to` (share 1).
fn between(from: f64, to: f64, share: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + (PI * share).cos())
}
