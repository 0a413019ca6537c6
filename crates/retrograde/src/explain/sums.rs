//! Sums shown by their largest terms.

use super::document::{Others, Term, Terms};
use crate::real::Sum;

/// How many terms are shown.
pub(super) const SHOWN: usize = 20;

/// The places of the largest of `values` by magnitude, largest first, and what the others come to.
pub(super) fn largest(values: &[f64]) -> (Vec<usize>, Option<Others>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let by_size = |&a: &usize, &b: &usize| values[b].abs().total_cmp(&values[a].abs()).then(a.cmp(&b));
    if values.len() > SHOWN {
        order.select_nth_unstable_by(SHOWN - 1, by_size);
    }
    let hidden = order.split_off(order.len().min(SHOWN));
    order.sort_unstable_by(by_size);
    (order, others(values, &hidden))
}

fn others(values: &[f64], hidden: &[usize]) -> Option<Others> {
    if hidden.is_empty() {
        return None;
    }
    let (mut sum, mut magnitude, mut all) = (Sum::default(), 0.0, 0.0);
    for &place in hidden {
        sum.add(values[place]);
        magnitude += values[place].abs();
    }
    for value in values {
        all += value.abs();
    }
    let share = if all > 0.0 { magnitude / all } else { 0.0 };
    Some(Others { count: hidden.len(), sum: sum.value(), share })
}

/// The sum of number · weight over `parts`, named by `name`.
pub(super) fn terms(parts: &[(f64, f64)], name: impl Fn(usize) -> String) -> Terms {
    let products: Vec<f64> = parts.iter().map(|(number, weight)| number * weight).collect();
    let (shown, others) = largest(&products);
    let term = |place: usize| {
        let (number, weight) = parts[place];
        Term { from: name(place), number, weight, product: products[place] }
    };
    Terms { terms: shown.into_iter().map(term).collect(), others, sum: products.iter().sum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_is_summed() {
        let values: Vec<f64> =
            (1..=30).map(|v| if v % 2 == 0 { f64::from(v) } else { -f64::from(v) }).collect();
        let (shown, others) = largest(&values);
        assert_eq!(shown[..3], [29, 28, 27]);
        let others = others.unwrap();
        assert_eq!((others.count, others.sum), (10, 5.0));
        assert!((others.share - 55.0 / 465.0).abs() < 1e-15);
    }

    #[test]
    fn few_are_all_shown_and_ties_go_by_place() {
        let (shown, others) = largest(&[0.5, -0.5, 2.0]);
        assert_eq!((shown, others), (vec![2, 0, 1], None));
        assert_eq!(largest(&[]), (vec![], None));
    }
}
