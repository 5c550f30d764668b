//! The formats of other tools.

protocol::named! {
    /// A format of another tool.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Format {
        /// The JSON of hyperfine 1, which most tools read that read hyperfine.
        Hyperfine = "hyperfine",
        /// The JSON of hyperfine 2 (schema version 2).
        Hyperfine2 = "hyperfine-2",
        /// The JSON of pyperf.
        Pyperf = "pyperf",
        /// Bencher Metric Format, JSON.
        Bencher = "bencher",
        /// An interval log of `HdrHistogram`.
        Hdr = "hdr",
    }
}

impl Format {
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
