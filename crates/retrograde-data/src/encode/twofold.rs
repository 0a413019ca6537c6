//! Numbers of about 106 bits: unevaluated sums of two.

/// head + tail, where the tail is at most half a unit in the last place of the head.
///
/// Exact sums and products after T. J. Dekker, "A floating-point technique for extending the available precision",
/// Numerische Mathematik 18 (1971). Every operation here has a relative error of a few 2⁻¹⁰⁴, as long as no part
/// over- or underflows; the fused multiply-add, which not every machine has, is not used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Twofold {
    pub(super) head: f64,
    pub(super) tail: f64,
}

impl Twofold {
    /// a + b, exactly.
    pub(super) fn sum(a: f64, b: f64) -> Self {
        let head = a + b;
        let part = head - a;
        Self { head, tail: (a - (head - part)) + (b - part) }
    }

    /// a · b, exactly.
    pub(super) fn product(a: f64, b: f64) -> Self {
        let head = a * b;
        let ((a0, a1), (b0, b1)) = (halves(a), halves(b));
        Self { head, tail: ((a0 * b0 - head) + a0 * b1 + a1 * b0) + a1 * b1 }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let sum = Self::sum(self.head, other.head);
        ordered(sum.head, sum.tail + (self.tail + other.tail))
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(Self { head: -other.head, tail: -other.tail })
    }

    pub(super) fn squared(self) -> Self {
        let square = Self::product(self.head, self.head);
        ordered(square.head, square.tail + 2.0 * self.head * self.tail)
    }

    pub(super) fn over(self, divisor: f64) -> Self {
        let quotient = self.head / divisor;
        let rest = self.minus(Self::product(quotient, divisor));
        ordered(quotient, (rest.head + rest.tail) / divisor)
    }

    pub(super) fn times(self, factor: f64) -> Self {
        let product = Self::product(self.head, factor);
        ordered(product.head, product.tail + self.tail * factor)
    }

    /// Times a power of two.
    pub(super) fn times_power(self, power: f64) -> Self {
        Self { head: self.head * power, tail: self.tail * power }
    }
}

/// a + b, exactly, for |a| ≥ |b|.
fn ordered(a: f64, b: f64) -> Twofold {
    let head = a + b;
    Twofold { head, tail: b - (head - a) }
}

/// Two numbers of 26 bits whose sum is `a`.
fn halves(a: f64) -> (f64, f64) {
    let spread = 134_217_729.0 * a;
    let high = spread - (spread - a);
    (high, a - high)
}

#[cfg(test)]
mod tests {
    use super::Twofold;

    #[test]
    fn sums_and_products_keep_what_rounding_loses() {
        assert_eq!(Twofold::sum(1e16, 1.0), Twofold { head: 1e16, tail: 1.0 });
        assert_eq!(Twofold::sum(1.0, 1e16), Twofold { head: 1e16, tail: 1.0 });
        let x = 1.0 + f64::EPSILON;
        // (1 + ε)² = 1 + 2ε + ε²
        let square = Twofold { head: 1.0 + 2.0 * f64::EPSILON, tail: f64::EPSILON * f64::EPSILON };
        assert_eq!(Twofold::product(x, x), square);
        assert_eq!(Twofold { head: x, tail: 0.0 }.squared(), square);
        assert_eq!(square.minus(square), Twofold::default());
    }

    #[test]
    fn a_sum_of_equal_numbers_is_a_multiple() {
        let x = Twofold { head: 1.0, tail: 0.0 }.over(7.0);
        let sum = x.plus(x).plus(x);
        let difference = x.times(3.0).minus(sum);
        assert!((difference.head + difference.tail).abs() < 1e-31);
        assert_eq!(x.times(1.0), x);
    }

    #[test]
    fn a_third_times_three_is_one() {
        let third = Twofold { head: 1.0, tail: 0.0 }.over(3.0);
        assert_ne!(third.tail, 0.0);
        let one = third.plus(third).plus(third);
        assert_eq!(one.head, 1.0);
        assert!(one.tail.abs() < 1e-31, "{}", one.tail);
    }
}
