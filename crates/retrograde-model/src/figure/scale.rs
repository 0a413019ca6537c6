//! From data to places on the page, along one axis.

/// How an axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScaleKind {
    /// Equal differences are equally far apart.
    #[default]
    Linear,
    /// Equal ratios are equally far apart; numbers that are not above 0 have no place.
    Log,
}

impl ScaleKind {
    /// The value, or its base-10 logarithm; none for what has no place.
    fn coordinate(self, value: f64) -> Option<f64> {
        match self {
            Self::Linear => value.is_finite().then_some(value),
            Self::Log => (value.is_finite() && value > 0.0).then(|| value.log10()),
        }
    }
}

/// A range of coordinates (values, or their logarithms) that is laid onto a stretch of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    kind: ScaleKind,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
    whole: bool,
}

/// A range narrower than this part of its numbers is rounding noise: it is drawn as one value.
const NOISE: f64 = 1e-12;
/// No linear range is narrower, so that its steps are normal numbers.
const NARROWEST: f64 = 1e-300;
/// What one value gets on each side, as a part of itself.
const ROOM: f64 = 0.1;
/// What one value gets on each side on a log scale, in decades.
const LOG_ROOM: f64 = 0.5;

impl Scale {
    /// The range of all values that have a place, onto 0 to 1; without any value 0 to 1, or one decade from
    /// 1.
    pub(crate) fn of(kind: ScaleKind, values: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high, mut whole) = (f64::INFINITY, f64::NEG_INFINITY, true);
        for coordinate in values.into_iter().filter_map(|value| kind.coordinate(value)) {
            low = low.min(coordinate);
            high = high.max(coordinate);
            whole &= coordinate.fract() == 0.0;
        }
        if !(low <= high) {
            (low, high) = (0.0, 1.0);
        }
        let (low, high) = match kind {
            ScaleKind::Linear => with_room(low, high),
            ScaleKind::Log if high - low <= NOISE => (low - LOG_ROOM, high + LOG_ROOM),
            ScaleKind::Log => (low, high),
        };
        Self { kind, low, high, start: 0.0, end: 1.0, whole }
    }

    /// The same range from `start` to `end` on the page; `end` may be less.
    pub(crate) fn onto(self, start: f64, end: f64) -> Self {
        Self { start, end, ..self }
    }

    /// Another range of coordinates; the same where the new one is not finite.
    pub(crate) fn between(self, low: f64, high: f64) -> Self {
        if low.is_finite() && high.is_finite() { Self { low, high, ..self } } else { self }
    }

    /// Where the value is on the page; none for what has no place.
    pub(crate) fn position(&self, value: f64) -> Option<f64> {
        let coordinate = self.kind.coordinate(value)?;
        // Halves, because the width of a range of `f64` may be no `f64`.
        let part = (coordinate / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        Some(self.start + part * (self.end - self.start))
    }

    pub(crate) fn kind(&self) -> ScaleKind {
        self.kind
    }

    /// The least coordinate.
    pub(crate) fn low(&self) -> f64 {
        self.low
    }

    /// The greatest coordinate.
    pub(crate) fn high(&self) -> f64 {
        self.high
    }

    /// Whether the data are whole numbers, of which no parts should be labelled: there is no epoch 1.5.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }
}

/// The range, or room around it if it is one value.
fn with_room(low: f64, high: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    let half_width = high / 2.0 - low / 2.0;
    if half_width > size * NOISE && half_width > NARROWEST {
        return (low, high);
    }
    let room = if size == 0.0 { 1.0 } else { (size * ROOM).max(4.0 * NARROWEST) };
    ((low - room).max(-f64::MAX), (high + room).min(f64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Scale, ScaleKind};

    fn linear(values: &[f64]) -> Scale {
        Scale::of(ScaleKind::Linear, values.iter().copied()).onto(0.0, 100.0)
    }

    fn log(values: &[f64]) -> Scale {
        Scale::of(ScaleKind::Log, values.iter().copied()).onto(0.0, 100.0)
    }

    #[test]
    fn a_linear_scale_covers_the_finite_values() {
        let scale = linear(&[f64::NAN, 2.0, f64::INFINITY, 12.0, f64::NEG_INFINITY]);
        assert_eq!(scale.position(2.0), Some(0.0));
        assert_eq!(scale.position(7.0), Some(50.0));
        assert_eq!(scale.position(12.0), Some(100.0));
        assert_eq!(scale.position(f64::NAN), None);
        assert_eq!(scale.position(f64::INFINITY), None);
    }

    #[test]
    fn a_log_scale_ignores_what_is_not_above_zero() {
        let scale = log(&[0.0, -5.0, 1e-3, f64::NAN, 1e1]);
        assert_eq!(scale.position(1e-3), Some(0.0));
        assert_eq!(scale.position(1e-1), Some(50.0));
        assert_eq!(scale.position(0.0), None);
        assert_eq!(scale.position(-1.0), None);
    }

    #[test]
    fn one_value_is_in_the_middle() {
        let smallest = f64::from_bits(1);
        for value in [0.0, 5.0, -3.0, 1e-310, smallest, 1e300] {
            assert_eq!(linear(&[value, value]).position(value), Some(50.0), "{value}");
        }
        for value in [1.0, 1e-6, smallest, f64::MAX] {
            assert!((log(&[value]).position(value).unwrap() - 50.0).abs() < 1e-9, "{value}");
        }
        let nearly = linear(&[1.0, 1.0 + f64::EPSILON]);
        assert!((nearly.position(1.0).unwrap() - 50.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_gives_a_range_all_the_same() {
        assert_eq!(linear(&[]).position(1.0), Some(100.0));
        assert_eq!(linear(&[f64::NAN]).position(0.5), Some(50.0));
        assert_eq!(log(&[-1.0, 0.0]).position(10.0), Some(100.0));
    }

    #[test]
    fn the_widest_ranges_stay_finite() {
        let scale = linear(&[-f64::MAX, f64::MAX]);
        assert_eq!(scale.position(0.0), Some(50.0));
        assert_eq!(scale.position(f64::MAX), Some(100.0));
        assert!(linear(&[f64::MAX]).position(f64::MAX).unwrap().is_finite());
        let scale = log(&[f64::from_bits(1), f64::MAX]);
        assert_eq!(scale.position(f64::MAX), Some(100.0));
        assert_eq!(scale.position(f64::from_bits(1)), Some(0.0));
    }

    #[test]
    fn whole_numbers_are_noticed() {
        assert!(linear(&[1.0, 2.0, f64::NAN]).is_whole());
        assert!(!linear(&[1.0, 2.5]).is_whole());
    }
}
