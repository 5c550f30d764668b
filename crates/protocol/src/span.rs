//! Spans: one task's start and finish, monotonic nanoseconds since its round began.
//!
//! A spans file is the raw truth of a trial: for each round, for each task in the order of its
//! index, the start and the finish as little-endian `u64`: 16 bytes per task, nothing else.

use serde::Deserialize;

/// One task's life in a round; a row of `spans/CELL.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Span {
    /// When the task began to do its work, nanoseconds since the round began.
    pub start_ns: u64,
    /// When its work was over, nanoseconds since the round began.
    pub finish_ns: u64,
}

impl Span {
    /// Size of one span in a spans file.
    pub const BYTES: usize = 16;

    /// How long the task took, nanoseconds; `None` when it runs backwards.
    pub fn length_ns(self) -> Option<u64> {
        self.finish_ns.checked_sub(self.start_ns)
    }
}

/// Spans as the bytes of a spans file.
pub fn encode(spans: impl IntoIterator<Item = Span>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for span in spans {
        bytes.extend_from_slice(&span.start_ns.to_le_bytes());
        bytes.extend_from_slice(&span.finish_ns.to_le_bytes());
    }
    bytes
}

/// The spans in the bytes of a spans file; `None` when the last one is cut.
pub fn decode(bytes: &[u8]) -> Option<Vec<Span>> {
    if !bytes.len().is_multiple_of(Span::BYTES) {
        return None;
    }
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    Some(
        bytes
            .chunks_exact(Span::BYTES)
            .map(|pair| Span { start_ns: word(&pair[..8]), finish_ns: word(&pair[8..]) })
            .collect(),
    )
}

/// The most spans that overlap at one instant: a sweep over starts and finishes in order. A span
/// that finishes in the same nanosecond in which another starts does not overlap it.
pub fn peak_in_flight(spans: &[Span]) -> u64 {
    let mut starts: Vec<u64> = spans.iter().map(|span| span.start_ns).collect();
    let mut finishes: Vec<u64> = spans.iter().map(|span| span.finish_ns).collect();
    starts.sort_unstable();
    finishes.sort_unstable();
    let (mut over, mut peak) = (0, 0);
    for (begun, start) in starts.iter().enumerate() {
        while over < begun && finishes[over] <= *start {
            over += 1;
        }
        peak = peak.max(begun + 1 - over);
    }
    peak as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_the_most_that_overlap() {
        let peak = |spans: &[(u64, u64)]| {
            let span =
                |(start_ns, finish_ns): &(u64, u64)| Span { start_ns: *start_ns, finish_ns: *finish_ns };
            peak_in_flight(&spans.iter().map(span).collect::<Vec<_>>())
        };
        assert_eq!(peak(&[(0, 10), (2, 5), (4, 9), (11, 12)]), 3);
        assert_eq!(peak(&[(0, 10), (10, 20), (20, 30)]), 1);
        assert_eq!(peak(&[]), 0);
    }

    #[test]
    fn spans_come_back_the_same() {
        let spans = [Span { start_ns: 1, finish_ns: u64::MAX }, Span { start_ns: 0, finish_ns: 0 }];
        let bytes = encode(spans);
        assert_eq!(bytes.len(), 2 * Span::BYTES);
        assert_eq!(decode(&bytes).unwrap(), spans);
    }

    #[test]
    fn a_cut_file_is_not_spans() {
        assert_eq!(decode(&[0; 24]), None);
    }

    #[test]
    fn a_span_that_runs_backwards_has_no_length() {
        assert_eq!(Span { start_ns: 2, finish_ns: 1 }.length_ns(), None);
    }
}
