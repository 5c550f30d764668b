//! Spans: one task's start and finish, monotonic nanoseconds since its round began.
//!
//! A spans file is the raw truth of a trial: for each round, for each task in the order of its
//! index, the start and the finish as little-endian `u64`: 16 bytes a task, nothing else.

/// One task's life in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
