//! Generated sets: small, with a known answer.

use crate::rng::Stream;
use crate::table::Column;
use std::f64::consts::PI;

/// Rows of each two-class set.
const POINTS: usize = 400;
/// The seed of all sets; each has a stream of its own.
const SEED: u64 = 1;

/// Two interleaved half circles of radius 1, alternating classes: (cos t, sin t) and (1 − cos t, ½ − sin t) for t evenly
/// spaced over [0, π], each coordinate with normal noise of deviation 0.2.
pub(super) fn moons() -> Vec<Column> {
    two_classes("moons", 0.2, |i, class| {
        let t = PI * i as f64 / (POINTS / 2 - 1) as f64;
        let (u, v) = (libm::cos(t), libm::sin(t));
        if class == 0 { (u, v) } else { (1.0 - u, 0.5 - v) }
    })
}

/// Two circles around the origin, of radius 1 and 0.5, alternating classes, evenly spaced, each coordinate with normal
/// noise of deviation 0.1.
pub(super) fn circles() -> Vec<Column> {
    two_classes("circles", 0.1, |i, class| {
        let t = 2.0 * PI * i as f64 / (POINTS / 2) as f64;
        let radius = if class == 0 { 1.0 } else { 0.5 };
        (radius * libm::cos(t), radius * libm::sin(t))
    })
}

/// Points of two curves, by the index within the class and the class.
fn two_classes(purpose: &str, noise: f64, point: impl Fn(usize, usize) -> (f64, f64)) -> Vec<Column> {
    let mut stream = Stream::new(SEED, purpose);
    let (mut us, mut vs, mut classes) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..POINTS {
        let class = row % 2;
        let (u, v) = point(row / 2, class);
        us.push(u + noise * stream.normal());
        vs.push(v + noise * stream.normal());
        classes.push(class as f64);
    }
    vec![Column::number("u", us), Column::number("v", vs), Column::number("class", classes)]
}

/// 200 points of y = sin x, x evenly spaced over [−3, 3], y with normal noise of deviation 0.05.
pub(super) fn sine() -> Vec<Column> {
    const ROWS: usize = 200;
    let mut stream = Stream::new(SEED, "sine");
    let x: Vec<f64> = (0..ROWS).map(|i| -3.0 + 6.0 * i as f64 / (ROWS - 1) as f64).collect();
    let y = x.iter().map(|&x| libm::sin(x) + 0.05 * stream.normal()).collect();
    vec![Column::number("x", x), Column::number("y", y)]
}

/// The exclusive or of two bits.
pub(super) fn xor() -> Vec<Column> {
    vec![
        Column::number("x1", vec![0.0, 0.0, 1.0, 1.0]),
        Column::number("x2", vec![0.0, 1.0, 0.0, 1.0]),
        Column::number("y", vec![0.0, 1.0, 1.0, 0.0]),
    ]
}

/// The one example of Matt Mazur's "A Step by Step Backpropagation Example" (2015).
pub(super) fn mazur() -> Vec<Column> {
    let cells = [("i1", 0.05), ("i2", 0.10), ("o1", 0.01), ("o2", 0.99)];
    cells.map(|(name, value)| Column::number(name, vec![value])).to_vec()
}

#[cfg(test)]
mod tests {
    use crate::Values;

    #[test]
    fn toys_have_the_same_bits_everywhere() {
        let prints =
            ["moons", "circles", "sine"].map(|n| crate::embedded(n).map(|e| e.table.origin.fingerprint));
        let prints: Vec<_> = prints.into_iter().map(|p| p.expect("a set")).collect();
        assert_eq!(
            prints,
            [3_092_609_246_487_907_514, 1_034_033_283_053_112_289, 7_391_540_250_244_698_797].map(Some)
        );
    }

    #[test]
    fn sine_is_near_the_sine() {
        let columns = super::sine();
        let [Values::Number(x), Values::Number(y)] = [&columns[0].values, &columns[1].values] else {
            panic!()
        };
        assert_eq!((x.len(), x[0], x[199]), (200, -3.0, 3.0));
        assert!(x.iter().zip(y).all(|(x, y)| (x.sin() - y).abs() < 0.3));
    }
}
