//! What a round that has proven its work comes to.

use protocol::Quantiles;

/// What follows from a round's spans and report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoundFigures {
    /// The runner's own measurement, proven to fit in what was seen.
    pub makespan_ns: u64,
    /// Tasks joined.
    pub completed: u64,
    /// Span lengths; `None` where none are recorded.
    pub latency: Option<Quantiles>,
    /// Span lengths less the time asked for, where the workload asks for one.
    pub lateness: Option<Quantiles>,
    /// From the first span's finish to the last one's.
    pub finish_spread_ns: Option<u64>,
    /// Most spans that overlap at one instant.
    pub peak_in_flight: Option<u64>,
}
