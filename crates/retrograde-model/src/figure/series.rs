//! From the points of a line to the strokes that are drawn.

use super::scale::Scale;

/// A place on the page.
pub(crate) type Place = (f64, f64);

/// More points than this for each pixel column are thinned.
const DENSE: f64 = 2.0;

/// The parts of a line between its gaps; a part of one place is a dot.
#[derive(Debug)]
pub(crate) struct Strokes {
    pub(crate) parts: Vec<Vec<Place>>,
    /// Whether there are more points than pixels.
    pub(crate) is_dense: bool,
}

impl Strokes {
    /// The strokes through all points that have a place; a point without one is a gap.
    ///
    /// Of many points each pixel column keeps its first, lowest, highest and last, which leaves the envelope
    /// as it is. Gaps inside a column, narrower than a pixel, are not seen then.
    pub(crate) fn of(points: &[(f64, f64)], x: &Scale, y: &Scale, width: f64) -> Self {
        let places = points.iter().map(|point| Some((x.position(point.0)?, y.position(point.1)?)));
        let is_dense = points.len() as f64 > DENSE * width;
        let parts = if is_dense { thinned(places) } else { whole(places) };
        Self { parts, is_dense }
    }

    /// The last place.
    pub(crate) fn end(&self) -> Option<Place> {
        self.parts.last()?.last().copied()
    }
}

fn whole(places: impl Iterator<Item = Option<Place>>) -> Vec<Vec<Place>> {
    let mut pen = Pen::default();
    for place in places {
        match place {
            Some(place) => pen.draw(place),
            None => pen.lift(),
        }
    }
    pen.parts
}

fn thinned(places: impl Iterator<Item = Option<Place>>) -> Vec<Vec<Place>> {
    let mut pen = Pen::default();
    let mut column: Option<Column> = None;
    let mut after_gap = false;
    for place in places {
        let Some(place) = place else {
            after_gap = true;
            continue;
        };
        match &mut column {
            Some(column) if column.index == place.0.floor() as i64 => column.take(place),
            _ => {
                column.into_iter().flat_map(Column::places).for_each(|place| pen.draw(place));
                if after_gap {
                    pen.lift();
                }
                column = Some(Column::starting_with(place));
            }
        }
        after_gap = false;
    }
    column.into_iter().flat_map(Column::places).for_each(|place| pen.draw(place));
    pen.parts
}

#[derive(Default)]
struct Pen {
    parts: Vec<Vec<Place>>,
    is_down: bool,
}

impl Pen {
    fn lift(&mut self) {
        self.is_down = false;
    }

    /// To the nearest hundredth; places that round to the last one are passed over.
    fn draw(&mut self, place: Place) {
        let place = ((place.0 * 100.0).round() / 100.0, (place.1 * 100.0).round() / 100.0);
        match self.parts.last_mut() {
            Some(part) if self.is_down => {
                if part.last() != Some(&place) {
                    part.push(place);
                }
            }
            _ => self.parts.push(vec![place]),
        }
        self.is_down = true;
    }
}

/// What is kept of the successive points of one pixel column, each with its rank among them.
#[derive(Clone, Copy)]
struct Column {
    index: i64,
    count: usize,
    first: (usize, Place),
    lowest: (usize, Place),
    highest: (usize, Place),
    last: (usize, Place),
}

impl Column {
    fn starting_with(place: Place) -> Self {
        let kept = (0, place);
        let index = place.0.floor() as i64;
        Self { index, count: 1, first: kept, lowest: kept, highest: kept, last: kept }
    }

    fn take(&mut self, place: Place) {
        let kept = (self.count, place);
        if place.1 < self.lowest.1.1 {
            self.lowest = kept;
        }
        if place.1 > self.highest.1.1 {
            self.highest = kept;
        }
        self.last = kept;
        self.count += 1;
    }

    /// The kept points in their order. Where others were left out all are in the middle of the column, to the
    /// tenth of a pixel: vertical strokes look the same and take half the space.
    fn places(self) -> impl Iterator<Item = Place> {
        let mut kept = [self.first, self.lowest, self.highest, self.last];
        kept.sort_by_key(|&(rank, _)| rank);
        let is_thinned = self.count > kept.len();
        let middle = self.index as f64 + 0.5;
        let drawn =
            move |(x, y): Place| if is_thinned { (middle, (y * 10.0).round() / 10.0) } else { (x, y) };
        kept.into_iter().map(move |(_, place)| drawn(place))
    }
}

#[cfg(test)]
mod tests {
    use super::super::scale::{Scale, ScaleKind};
    use super::{Place, Strokes};

    fn strokes(points: &[(f64, f64)]) -> Strokes {
        let x = Scale::of(ScaleKind::Linear, points.iter().map(|point| point.0)).onto(0.0, 100.0);
        let y = Scale::of(ScaleKind::Linear, points.iter().map(|point| point.1)).onto(50.0, 0.0);
        Strokes::of(points, &x, &y, 100.0)
    }

    fn envelope(places: impl Iterator<Item = Place>) -> Vec<(f64, f64)> {
        let mut columns = vec![(f64::INFINITY, f64::NEG_INFINITY); 101];
        for (x, y) in places {
            let column = &mut columns[x.floor() as usize];
            *column = (column.0.min(y), column.1.max(y));
        }
        columns
    }

    #[test]
    fn points_that_are_no_numbers_are_gaps_and_lonely_points_are_dots() {
        let nan = f64::NAN;
        let points =
            [(0.0, 0.0), (1.0, nan), (2.0, 1.0), (3.0, f64::INFINITY), (4.0, 2.0), (5.0, 0.0), (nan, 1.0)];
        let parts = strokes(&points).parts;
        assert_eq!(parts, [vec![(0.0, 50.0)], vec![(40.0, 25.0)], vec![(80.0, 0.0), (100.0, 50.0)]]);
    }

    #[test]
    fn equal_places_are_drawn_once() {
        assert_eq!(strokes(&[(1.0, 1.0), (1.0, 1.0)]).parts, [[(50.0, 25.0)]]);
        assert!(strokes(&[]).parts.is_empty());
    }

    #[test]
    fn a_million_points_keep_their_envelope() {
        let value =
            |i: u32| (f64::from(i) / 4e4).sin() + f64::from(i.wrapping_mul(2_654_435_761) >> 16) / 65536.0;
        let points: Vec<(f64, f64)> = (0..1_000_000).map(|i| (f64::from(i), value(i))).collect();
        let thin = strokes(&points);
        assert!(thin.is_dense && thin.parts.len() == 1 && thin.parts[0].len() <= 404);
        let low = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
        let high = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
        let place = |&(x, y): &(f64, f64)| (x / 999_999.0 * 100.0, 50.0 - (y - low) / (high - low) * 50.0);
        let expected = envelope(points.iter().map(place));
        for (a, b) in expected.into_iter().zip(envelope(thin.parts[0].iter().copied())) {
            assert!((a.0 - b.0).abs() <= 0.050_001 && (a.1 - b.1).abs() <= 0.050_001, "{a:?} {b:?}");
        }
    }

    #[test]
    fn dense_lines_have_gaps_too() {
        let value = |i: i32| if (400..500).contains(&i) { f64::NAN } else { f64::from(i % 7) };
        let points: Vec<(f64, f64)> = (0..1000).map(|i| (f64::from(i), value(i))).collect();
        let parts = strokes(&points).parts;
        assert_eq!(parts.len(), 2);
        assert!(parts[0].iter().all(|place| place.0 < 41.0) && parts[1].iter().all(|place| place.0 > 49.0));
        let every_other: Vec<(f64, f64)> = (0..100_000)
            .map(|i| (f64::from(i), if i % 2 == 0 { f64::NAN } else { f64::from(i % 7) }))
            .collect();
        assert!(strokes(&every_other).parts.iter().map(Vec::len).sum::<usize>() <= 404);
    }
}
