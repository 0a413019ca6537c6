//! Exact decimal numbers, and the two ways to write them.

/// `digits · 10^exponent`. Labels are written from the digits, so that no rounding of binary fractions shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i64,
    exponent: i32,
}

impl Decimal {
    /// `digits · 10^exponent`.
    pub(crate) fn new(digits: i64, exponent: i32) -> Self {
        Self { digits, exponent }
    }

    /// This many times as much, to the same decimal place.
    pub(crate) fn times(self, count: i64) -> Self {
        Self { digits: self.digits.saturating_mul(count), exponent: self.exponent }
    }

    /// The power of ten that the digits count.
    pub(crate) fn exponent(self) -> i32 {
        self.exponent
    }

    /// The nearest `f64`, infinite where there is none.
    pub(crate) fn value(self) -> f64 {
        // The parser rounds once; a product with a power of ten would round twice.
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// `1,234.50`: every place down to the exponent, so that numbers with one exponent line up; zero is `0`.
    pub(crate) fn plain(self) -> String {
        if self.digits == 0 {
            return "0".to_owned();
        }
        let digits = self.digits.unsigned_abs().to_string();
        let places = usize::try_from(-self.exponent).unwrap_or(0);
        let zeros = "0".repeat(usize::try_from(self.exponent).unwrap_or(0));
        let all = format!("{:0>width$}{zeros}", digits, width = places + 1);
        let (whole, fraction) = all.split_at(all.len() - places);
        let point = if places > 0 { "." } else { "" };
        format!("{}{}{point}{fraction}", self.sign(), grouped(whole))
    }

    /// `1.5e-6`: one digit, the others that are not trailing zeros, and the exponent; zero is `0`.
    pub(crate) fn scientific(self) -> String {
        if self.digits == 0 {
            return "0".to_owned();
        }
        let digits = self.digits.unsigned_abs().to_string();
        let exponent = self.exponent + i32::try_from(digits.len()).unwrap_or(i32::MAX) - 1;
        let (first, rest) = digits.split_at(1);
        let rest = rest.trim_end_matches('0');
        let point = if rest.is_empty() { "" } else { "." };
        format!("{}{first}{point}{rest}e{exponent}", self.sign())
    }

    /// A real minus sign: as wide as a digit, where a hyphen is lost beside a grid line.
    fn sign(self) -> &'static str {
        if self.digits < 0 { "−" } else { "" }
    }
}

fn grouped(whole: &str) -> String {
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn plain_numbers_keep_their_places_and_group_their_thousands() {
        let plain = |digits, exponent| Decimal::new(digits, exponent).plain();
        assert_eq!(plain(1, -1), "0.1");
        assert_eq!(plain(10, -1), "1.0");
        assert_eq!(plain(-25, -2), "−0.25");
        assert_eq!(plain(1, -6), "0.000001");
        assert_eq!(plain(1, 3), "1,000");
        assert_eq!(plain(1, 4), "10,000");
        assert_eq!(plain(-1_234_567, 0), "−1,234,567");
        assert_eq!(plain(1_234_567, -1), "123,456.7");
        assert_eq!(plain(0, 5), "0");
        assert_eq!(plain(999, 0), "999");
    }

    #[test]
    fn scientific_numbers_have_no_trailing_zeros() {
        let scientific = |digits, exponent| Decimal::new(digits, exponent).scientific();
        assert_eq!(scientific(1, -6), "1e-6");
        assert_eq!(scientific(15, -7), "1.5e-6");
        assert_eq!(scientific(1500, 5), "1.5e8");
        assert_eq!(scientific(-2, 300), "−2e300");
        assert_eq!(scientific(0, 300), "0");
    }

    #[test]
    fn values_are_the_nearest_there_are() {
        assert_eq!(Decimal::new(3, -1).value(), 0.3);
        assert_eq!(Decimal::new(1, -1).times(3).value(), 0.3);
        assert_eq!(Decimal::new(5, -324).value(), 5e-324);
        assert_eq!(Decimal::new(-1, 308).value(), -1e308);
        assert_eq!(Decimal::new(2, 308).value(), f64::INFINITY);
    }
}
