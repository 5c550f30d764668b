//! Places for labels that do not overlap.

/// Places for labels between `low` and `high`, at least `gap` apart, and otherwise as near to
/// `wanted` as possible, by least squares. Where there is not enough room, the gap shrinks. Labels
/// keep the order of the wanted places.
///
/// With y'ᵢ = yᵢ − i·gap the gap becomes the condition that y' does not fall, so this is isotonic
/// regression: neighbours that are in the wrong order share their mean ("pool adjacent violators":
/// Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information",
/// 1955).
pub fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let count = wanted.len();
    if count == 0 {
        return Vec::new();
    }
    let between = (count - 1) as f64;
    let gap = if between > 0.0 { gap.min((high - low).max(0.0) / between) } else { gap };
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));

    // Sum and count of the labels of each pool.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (rank, label) in order.iter().enumerate() {
        pools.push((wanted[*label] - rank as f64 * gap, 1));
        while let [.., (before, many), (last, few)] = pools[..] {
            if before / many as f64 <= last / few as f64 {
                break;
            }
            pools.truncate(pools.len() - 2);
            pools.push((before + last, many + few));
        }
    }

    let top = (high - between * gap).max(low);
    let shared = pools.iter().flat_map(|(sum, many)| std::iter::repeat_n(sum / *many as f64, *many));
    let mut places = vec![0.0; count];
    for ((rank, label), place) in order.iter().enumerate().zip(shared) {
        places[*label] = place.clamp(low, top) + rank as f64 * gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_have_room_stand_where_they_want_to() {
        assert_eq!(spread(&[50.0, 10.0, 30.0], 12.0, 0.0, 100.0), [50.0, 10.0, 30.0]);
    }

    #[test]
    fn labels_that_collide_move_apart_evenly() {
        assert_eq!(spread(&[50.0, 50.0], 10.0, 0.0, 100.0), [45.0, 55.0]);
    }

    #[test]
    fn no_label_leaves_its_bounds_and_none_is_nearer_than_the_gap() {
        let wanted = [0.0, 1.0, 2.0, 97.0, 98.0, 99.0, 99.0, 50.0];
        let mut places = spread(&wanted, 11.0, 0.0, 100.0);
        places.sort_by(f64::total_cmp);
        assert!(places[0] >= 0.0 && *places.last().unwrap() <= 100.0 + 1e-9, "{places:?}");
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 11.0 - 1e-9), "{places:?}");
    }

    #[test]
    fn where_there_is_no_room_the_gap_shrinks() {
        assert_eq!(spread(&[5.0; 5], 100.0, 0.0, 8.0), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(spread(&[5.0], 100.0, 0.0, 8.0), [5.0]);
        assert_eq!(spread(&[], 1.0, 0.0, 8.0), [0.0; 0]);
    }
}
