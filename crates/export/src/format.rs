//! The formats of other tools.

/// A format of another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The JSON of hyperfine 1, which most tools read that read hyperfine.
    Hyperfine,
    /// The JSON of hyperfine 2 (schema version 2).
    Hyperfine2,
    /// The JSON of pyperf.
    Pyperf,
    /// Bencher Metric Format, JSON.
    Bencher,
    /// An interval log of `HdrHistogram`.
    Hdr,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Hyperfine, Self::Hyperfine2, Self::Pyperf, Self::Bencher, Self::Hdr];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hyperfine => "hyperfine",
            Self::Hyperfine2 => "hyperfine-2",
            Self::Pyperf => "pyperf",
            Self::Bencher => "bencher",
            Self::Hdr => "hdr",
        }
    }

    /// What a file of this format is called in a folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Hyperfine => "hyperfine.json",
            Self::Hyperfine2 => "hyperfine-2.json",
            Self::Pyperf => "pyperf.json",
            Self::Bencher => "bencher.json",
            Self::Hdr => "spans.hlog",
        }
    }
}
