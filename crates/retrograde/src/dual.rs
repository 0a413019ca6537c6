//! Dual numbers v + d·ε with ε² = 0: arithmetic that carries one directional derivative along, exact to rounding.
//!
//! They are the second witness of the gradient check: f(v + d·ε) = f(v) + f′(v)·d·ε needs the derivative of the
//! elementary functions below and nothing of backpropagation.

use crate::elementary::{self, exp_minus_square, normal_density};
use crate::real::Real;
use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A value and its derivative along one direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dual {
    /// The value v.
    pub value: f64,
    /// The derivative d.
    pub derivative: f64,
}

impl Dual {
    /// v + d·ε.
    pub fn new(value: f64, derivative: f64) -> Self {
        Self { value, derivative }
    }

    /// The chain rule: f(v) + f′(v)·d·ε. A zero d stays zero even where f′ overflows.
    fn chain(self, value: f64, slope: f64) -> Self {
        let derivative = if self.derivative == 0.0 { 0.0 } else { slope * self.derivative };
        Self { value, derivative }
    }
}

impl PartialEq for Dual {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// Branches are decided by the value alone.
impl PartialOrd for Dual {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.value + other.value, self.derivative + other.derivative)
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.value - other.value, self.derivative - other.derivative)
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.value * other.value, self.derivative * other.value + self.value * other.derivative)
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Self::new(value, (self.derivative - value * other.derivative) / other.value)
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.value, -self.derivative)
    }
}

impl AddAssign for Dual {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Dual {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Dual {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl Real for Dual {
    fn constant(value: f64) -> Self {
        Self::new(value, 0.0)
    }
    fn value(self) -> f64 {
        self.value
    }
    fn exp(self) -> Self {
        let e = elementary::exp(self.value);
        self.chain(e, e)
    }
    fn exp_m1(self) -> Self {
        self.chain(elementary::exp_m1(self.value), elementary::exp(self.value))
    }
    fn ln_1p(self) -> Self {
        self.chain(elementary::ln_1p(self.value), 1.0 / (1.0 + self.value))
    }
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, 0.5 / root)
    }
    /// tanh′ = 4t/(1+t)² with t = e^−2|z| keeps its digits where tanh rounds to 1.
    fn tanh(self) -> Self {
        let t = elementary::exp(-2.0 * self.value.abs());
        self.chain(elementary::tanh(self.value), 4.0 * t / ((1.0 + t) * (1.0 + t)))
    }
    /// erfc′(x) = −2/√π e^(−x²).
    fn erfc(self) -> Self {
        let slope = -std::f64::consts::FRAC_2_SQRT_PI * exp_minus_square(self.value);
        self.chain(elementary::erfc(self.value), slope)
    }
    /// Φ′ = φ.
    fn normal_cdf(self) -> Self {
        self.chain(elementary::normal_cdf(self.value), normal_density(self.value))
    }
    /// φ′(x) = −x φ(x).
    fn normal_density(self) -> Self {
        let density = normal_density(self.value);
        let slope = if density == 0.0 { 0.0 } else { -self.value * density };
        self.chain(density, slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_and_quotient_rules() {
        let x = Dual::new(3.0, 1.0);
        let y = x * x / (x + Dual::constant(1.0)); // x²/(x+1): (x²+2x)/(x+1)² = 15/16
        assert_eq!(y.value, 2.25);
        assert_eq!(y.derivative, 0.9375);
    }

    #[test]
    fn tails_keep_their_digits() {
        let t = Dual::new(40.0, 1.0).tanh();
        assert_eq!(t.value, 1.0);
        let expected = 7.219_405_551_381_661e-35; // 4 e^-80, mpmath
        assert!((t.derivative / expected - 1.0).abs() < 1e-15, "{:e}", t.derivative);
        assert!((exp_minus_square(26.3) / (-691.69f64).exp() - 1.0).abs() < 1e-12);
        assert_eq!(exp_minus_square(1e200), 0.0);
    }
}
