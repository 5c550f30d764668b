//! The rule by which tango-bench (0.7) calls a difference significant, written from its description and its source:
//! pairs of measurements; of their differences as many are left out at either end as lie 1.5 interquartile ranges beyond
//! the quartiles at the end that has fewer of them; the rest has a z score of 2.6 or more, and a mean of more than half a
//! per cent of the baseline's.

/// Whether pairs of a baseline and a candidate differ by this rule.
pub fn is_significant(pairs: &[(f64, f64)]) -> bool {
    let mut pairs = pairs.to_vec();
    let difference = |(baseline, candidate): &(f64, f64)| candidate - baseline;
    pairs.sort_by(|a, b| difference(a).total_cmp(&difference(b)));
    let kept = &pairs[outliers(&pairs.iter().map(difference).collect::<Vec<f64>>())..];
    let kept = &kept[..kept.len() - (pairs.len() - kept.len())];
    let n = kept.len() as f64;
    let mean = kept.iter().map(difference).sum::<f64>() / n;
    let variance = kept.iter().map(|pair| (difference(pair) - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let baseline = kept.iter().map(|pair| pair.0).sum::<f64>() / n;
    (mean / (variance / n).sqrt()).abs() >= 2.6 && (mean / baseline).abs() > 0.005
}

/// How many of these ascending differences are left out at either end.
fn outliers(sorted: &[f64]) -> usize {
    let n = sorted.len();
    if n < 8 {
        return 0;
    }
    let (first, third) = (sorted[n / 4], sorted[n * 3 / 4 - 1]);
    let beyond = 1.5 * (third - first).max(1.0);
    let low = sorted.iter().take_while(|value| **value < first - beyond).count();
    let high = sorted.iter().rev().take_while(|value| **value > third + beyond).count();
    low.min(high)
}
