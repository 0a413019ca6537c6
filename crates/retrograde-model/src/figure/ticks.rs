//! Which numbers of an axis are labelled, and how.

use super::decimal::Decimal;
use super::scale::{Scale, ScaleKind};

/// A labelled number of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    /// Where it is on the page.
    pub(crate) position: f64,
    pub(crate) label: String,
}

/// Ranges of fewer decades label 2 and 5 of each decade too.
const FEW_DECADES: f64 = 2.0;
/// Fewer labels than this say nothing about a log scale: then round values are labelled instead.
const FEWEST: usize = 3;
/// Strides between labelled decades.
const STRIDES: [i32; 9] = [1, 2, 3, 5, 10, 20, 50, 100, 200];
/// What rounding may do to a quotient of a range and its step.
const ROUNDING: f64 = 1e-6;
/// What data get above and below on a log scale, as a part of the range.
const LOG_ROOM: f64 = 0.04;
/// Plain labels with more places than this are longer than they are helpful.
const PLACES: i32 = 4;
/// Plain labels end below this.
const PLAIN: f64 = 1e7;

/// The ticks of the finest division into at most `intervals` whose labels do not overlap. `length` is what a
/// label takes along the axis with the gap after it; labels are centred on their ticks.
pub(crate) fn fitted(scale: &Scale, intervals: usize, length: impl Fn(&str) -> f64) -> Vec<Tick> {
    let extent = |tick: &Tick| {
        let half = length(&tick.label) / 2.0;
        (tick.position - half, tick.position + half)
    };
    let mut ticks = Vec::new();
    for intervals in (1..=intervals.max(1)).rev() {
        let division = ticks_of(scale, intervals);
        if division.is_empty() {
            break;
        }
        ticks = division;
        if ticks.windows(2).all(|pair| are_apart(extent(&pair[0]), extent(&pair[1]))) {
            return ticks;
        }
    }
    let mut kept: Vec<Tick> = Vec::new();
    for tick in ticks {
        if kept.last().is_none_or(|last| are_apart(extent(last), extent(&tick))) {
            kept.push(tick);
        }
    }
    kept
}

/// The range with room for its data: out to the next ticks on a linear scale, by a part of itself on a log
/// scale.
pub(crate) fn widened(scale: Scale, intervals: usize) -> Scale {
    match scale.kind() {
        ScaleKind::Linear => {
            let step = step(&scale, scale.low(), scale.high(), intervals).value();
            let low = (scale.low() / step + ROUNDING).floor() * step;
            let high = (scale.high() / step - ROUNDING).ceil() * step;
            scale.between(low.min(scale.low()), high.max(scale.high()))
        }
        ScaleKind::Log => {
            let room = LOG_ROOM * (scale.high() - scale.low());
            scale.between(scale.low() - room, scale.high() + room)
        }
    }
}

fn are_apart(a: (f64, f64), b: (f64, f64)) -> bool {
    a.1 <= b.0 || b.1 <= a.0
}

fn ticks_of(scale: &Scale, intervals: usize) -> Vec<Tick> {
    let numbers = match scale.kind() {
        ScaleKind::Linear => multiples(scale, scale.low(), scale.high(), intervals),
        ScaleKind::Log => logarithmic(scale, intervals),
    };
    let labels = labels(&numbers);
    let placed = numbers.iter().zip(labels).filter_map(|(number, label)| {
        let value = number.value();
        Some(Tick { value, position: scale.position(value)?, label })
    });
    placed.collect()
}

/// 1, 2 or 5 times a power of ten: the least that divides the range into at most `intervals`, and no part of
/// 1 where the data are whole.
fn step(scale: &Scale, low: f64, high: f64, intervals: usize) -> Decimal {
    let count = intervals.max(1) as f64;
    let rough = (high / count - low / count).max(f64::MIN_POSITIVE);
    let exponent = rough.log10().floor() as i32;
    if scale.is_whole() && exponent < 0 {
        return Decimal::new(1, 0);
    }
    let enough = |digits: &i64| Decimal::new(*digits, exponent).value() >= rough * (1.0 - ROUNDING);
    let digits = [1, 2, 5].into_iter().find(enough);
    digits.map_or(Decimal::new(1, exponent.saturating_add(1)), |digits| Decimal::new(digits, exponent))
}

/// The multiples of a [`step`] from `low` to `high`.
fn multiples(scale: &Scale, low: f64, high: f64, intervals: usize) -> Vec<Decimal> {
    let step = step(scale, low, high, intervals);
    let first = (low / step.value() - ROUNDING).ceil() as i64;
    let last = (high / step.value() + ROUNDING).floor() as i64;
    (first..=last).map(|count| step.times(count)).collect()
}

fn logarithmic(scale: &Scale, intervals: usize) -> Vec<Decimal> {
    let (low, high) = (scale.low(), scale.high());
    if high - low < FEW_DECADES {
        let fine = ones_twos_and_fives(low, high);
        if fine.len() < FEWEST {
            return multiples(scale, 10f64.powf(low), 10f64.powf(high).min(f64::MAX), intervals);
        }
        if fine.len() <= intervals + 1 {
            return fine;
        }
    }
    let (first, last) = ((low - ROUNDING).ceil() as i32, (high + ROUNDING).floor() as i32);
    let shown = |stride: i32| (first..=last).filter(move |decade| decade.rem_euclid(stride) == 0);
    let stride = STRIDES.into_iter().find(|&stride| shown(stride).count() <= intervals + 1);
    shown(stride.unwrap_or(STRIDES[STRIDES.len() - 1])).map(|decade| Decimal::new(1, decade)).collect()
}

fn ones_twos_and_fives(low: f64, high: f64) -> Vec<Decimal> {
    let decades = low.floor() as i32..=high.floor() as i32;
    let all = decades.flat_map(|decade| [1, 2, 5].map(|digits| Decimal::new(digits, decade)));
    let inside = |number: &Decimal| {
        let coordinate = number.value().log10();
        (low - ROUNDING..=high + ROUNDING).contains(&coordinate)
    };
    all.filter(inside).collect()
}

/// Plain labels where they are short. Otherwise numbers of one step, which are read together, are all written
/// the way whose longest is shorter; each power of ten is written its own shorter way.
fn labels(numbers: &[Decimal]) -> Vec<String> {
    let plain: Vec<String> = numbers.iter().map(|number| number.plain()).collect();
    let scientific: Vec<String> = numbers.iter().map(|number| number.scientific()).collect();
    if numbers.iter().all(|number| number.exponent() >= -PLACES && number.value().abs() < PLAIN) {
        return plain;
    }
    if numbers.windows(2).all(|pair| pair[0].exponent() == pair[1].exponent()) {
        return if longest(&plain) <= longest(&scientific) { plain } else { scientific };
    }
    let shorter = |(plain, scientific): (String, String)| {
        if plain.chars().count() <= scientific.chars().count() { plain } else { scientific }
    };
    plain.into_iter().zip(scientific).map(shorter).collect()
}

fn longest(labels: &[String]) -> usize {
    labels.iter().map(|label| label.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::scale::{Scale, ScaleKind};
    use super::{Tick, fitted, ticks_of, widened};

    fn scale(kind: ScaleKind, low: f64, high: f64) -> Scale {
        // A value between that is not whole: whole data have their own test.
        Scale::of(kind, [low, high, low + (high / 2.0 - low / 2.0) * 0.7]).onto(0.0, 600.0)
    }

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    fn of(kind: ScaleKind, low: f64, high: f64, intervals: usize) -> Vec<String> {
        ticks_of(&scale(kind, low, high), intervals).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        let linear = |low, high| of(ScaleKind::Linear, low, high, 5);
        assert_eq!(linear(0.0, 1.0), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(linear(-0.3, 0.3), ["−0.2", "0", "0.2"]);
        assert_eq!(linear(0.0, 43_000.0), ["0", "10,000", "20,000", "30,000", "40,000"]);
        assert_eq!(linear(0.0, 5e-6), ["0", "1e-6", "2e-6", "3e-6", "4e-6", "5e-6"]);
        assert_eq!(linear(0.593_15, 0.593_17), ["0.593150", "0.593155", "0.593160", "0.593165", "0.593170"]);
        assert_eq!(linear(-1e308, 1e308), ["−1e308", "−5e307", "0", "5e307", "1e308"]);
        assert_eq!(linear(1e7, 1e7 + 2.4)[..2], ["10,000,000.0", "10,000,000.5"]);
    }

    #[test]
    fn whole_data_have_whole_ticks() {
        let epochs = Scale::of(ScaleKind::Linear, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(labels(&ticks_of(&epochs, 8)), ["0", "1", "2", "3"]);
        let one = Scale::of(ScaleKind::Linear, [5.0]);
        assert_eq!(labels(&ticks_of(&one, 8)), ["5"]);
    }

    #[test]
    fn log_ticks_are_decades_thinned_where_there_are_many() {
        let log = |low, high| of(ScaleKind::Log, low, high, 6);
        assert_eq!(log(1e-6, 1.0), ["1e-6", "1e-5", "1e-4", "1e-3", "0.01", "0.1", "1"]);
        assert_eq!(log(1e-3, 1e2), ["0.001", "0.01", "0.1", "1", "10", "100"]);
        assert_eq!(log(1e-9, 1e3), ["1e-8", "1e-6", "1e-4", "0.01", "1", "100"]);
        assert_eq!(log(1e-300, 1e300), ["1e-300", "1e-200", "1e-100", "1", "1e100", "1e200", "1e300"]);
    }

    #[test]
    fn log_ticks_of_few_decades_have_ones_twos_and_fives() {
        assert_eq!(of(ScaleKind::Log, 0.1, 5.0, 6), ["0.1", "0.2", "0.5", "1", "2", "5"]);
        assert_eq!(of(ScaleKind::Log, 3.1, 3.9, 4), ["3.2", "3.4", "3.6", "3.8"]);
    }

    #[test]
    fn labels_never_overlap_and_one_is_left() {
        let ranges = [(0.0, 1.0), (1e-9, 1e3), (1.0, 20.0), (3.1, 3.9), (1e7, 1.000_001e7), (1e-310, 1e308)];
        for (low, high) in ranges {
            for kind in [ScaleKind::Linear, ScaleKind::Log] {
                for width in [30.0, 90.0, 600.0, -400.0] {
                    let scale = scale(kind, low, high).onto(0.0, width);
                    let ticks = fitted(&scale, 8, |label| label.chars().count() as f64 * 7.2 + 10.0);
                    let mut ends: Vec<(f64, f64)> = ticks
                        .iter()
                        .map(|tick| (tick.position, tick.label.chars().count() as f64 * 3.6 + 5.0))
                        .collect();
                    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
                    assert!(!ends.is_empty(), "{kind:?} {low} {high} {width}");
                    for pair in ends.windows(2) {
                        assert!(pair[0].0 + pair[0].1 <= pair[1].0 - pair[1].1, "{kind:?} {ticks:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn widened_ranges_end_at_ticks_and_hold_the_data() {
        for (low, high) in [(0.03, 1.02), (-7.0, 12.5), (4.9, 5.5), (-f64::MAX, f64::MAX), (0.0, 2.3)] {
            let wide = widened(scale(ScaleKind::Linear, low, high), 6);
            assert!(wide.low() <= low && wide.high() >= high);
            let last = wide.position(high).unwrap();
            assert!((0.0..=600.0).contains(&last), "{low} {high} {last}");
        }
        assert_eq!(widened(scale(ScaleKind::Linear, 0.03, 1.02), 6).low(), 0.0);
        let wide = widened(scale(ScaleKind::Log, 0.01, 1.0), 6);
        assert!(wide.low() < -2.0 && wide.high() > 0.0);
    }
}
