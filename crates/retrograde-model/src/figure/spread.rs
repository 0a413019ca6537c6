//! Labels along a line, moved apart so that none covers another.

/// The places nearest to the wanted ones (in the sum of squares) that are in the same order, at least `gap`
/// apart and from `low` to `high`; none if there is no room. Equal places keep their order.
pub(crate) fn apart(wanted: &[f64], gap: f64, low: f64, high: f64) -> Option<Vec<f64>> {
    let last = wanted.len().saturating_sub(1) as f64;
    let room = high - low - last * gap;
    if room < 0.0 {
        return None;
    }
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    // Without the gaps before them the places need only not decrease: an isotonic regression, whose bounded
    // solution is the free one, clamped.
    let compact: Vec<f64> =
        order.iter().enumerate().map(|(rank, &i)| wanted[i] - rank as f64 * gap).collect();
    let mut places = vec![0.0; wanted.len()];
    for (rank, (place, &i)) in increasing(&compact).into_iter().zip(&order).enumerate() {
        places[i] = place.clamp(low, low + room) + rank as f64 * gap;
    }
    Some(places)
}

/// The nearest sequence that does not decrease: neighbours out of order share their mean.
fn increasing(values: &[f64]) -> Vec<f64> {
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for &value in values {
        let (mut sum, mut count) = (value, 1);
        while let Some(&(before, length)) = blocks.last() {
            if before / length as f64 <= sum / count as f64 {
                break;
            }
            blocks.pop();
            sum += before;
            count += length;
        }
        blocks.push((sum, count));
    }
    blocks.into_iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / count as f64, count)).collect()
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn labels_with_room_stay() {
        assert_eq!(apart(&[80.0, 10.0, 40.0], 15.0, 0.0, 100.0), Some(vec![80.0, 10.0, 40.0]));
        assert_eq!(apart(&[], 15.0, 0.0, 100.0), Some(vec![]));
    }

    #[test]
    fn labels_in_one_place_are_centred_on_it() {
        assert_eq!(apart(&[50.0, 50.0, 50.0], 10.0, 0.0, 100.0), Some(vec![40.0, 50.0, 60.0]));
    }

    #[test]
    fn labels_stay_inside_apart_and_in_order() {
        let wanted = [100.0, 99.0, -3.0, 0.0, 50.0, 51.0, 98.0];
        let places = apart(&wanted, 12.0, 0.0, 100.0).unwrap();
        let mut sorted: Vec<(f64, f64)> = wanted.into_iter().zip(places).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in sorted.windows(2) {
            assert!(pair[1].1 - pair[0].1 >= 12.0 - 1e-9, "{sorted:?}");
        }
        assert!(sorted.iter().all(|&(_, place)| (-1e-9..=100.0 + 1e-9).contains(&place)), "{sorted:?}");
    }

    #[test]
    fn too_many_labels_do_not_fit() {
        assert_eq!(apart(&[1.0; 11], 10.0, 0.0, 99.0), None);
        assert!(apart(&[1.0; 11], 10.0, 0.0, 100.0).is_some());
    }
}
