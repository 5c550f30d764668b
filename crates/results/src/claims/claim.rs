//! A claim: a sentence that somebody published, made testable.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::expectation::Expectation;
use crate::folder::{RENAMED_IN, SCHEMA};
use crate::metric::Metric;

/// The crossover of what costs less at every size that was measured.
pub const NEVER: f64 = 1e9;

/// What somebody claimed, resolved to cells of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The experiment that puts it to the test.
    pub experiment: String,
    /// Unique in its experiment; `asyncio-faster/tokio` where one sentence is asked of several runtimes.
    pub id: String,
    /// The sentence, in our own words.
    pub says: String,
    /// Who said it.
    pub source: Source,
    /// Whether it is a published claim asked of something else: judged after those as published.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub variant: bool,
    /// The metric it is about.
    pub metric: Metric,
    /// What is compared.
    pub quantity: Quantity,
    /// What is expected of it.
    pub expect: Expectation,
    /// Why this plan cannot test it, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untestable: Option<String>,
}

/// Where a claim was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Source {
    pub title: String,
    pub author: String,
    pub date: String,
    /// Where it can be read; absent where we do not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Source {
    /// In one line: author, title and date.
    pub fn cite(&self) -> String {
        format!("{}, \"{}\", {}", self.author, self.title, self.date)
    }
}

/// What a claim is about. Each is one number a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// The metric of one cell.
    Value {
        /// The cell.
        of: CellRef,
    },
    /// The metric of one cell over that of another.
    Ratio {
        /// What stands above the line.
        of: CellRef,
        /// What stands below it.
        over: CellRef,
    },
    /// The number of tasks up to which one runtime costs less than another, by the cost model fitted
    /// to the cells of each.
    Crossover {
        /// The runtime that is cheaper for few tasks, if any is: its cells.
        of: Vec<CellRef>,
        /// The other.
        over: Vec<CellRef>,
    },
}

/// A cell that a claim is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRef {
    /// Its name in the run.
    pub cell: String,
    /// The label of its runtime.
    pub runtime: String,
    /// What it has in common with others, without the experiment: `sleep-1000-1ms`.
    pub group: String,
    /// Its tasks.
    pub tasks: u64,
}

/// The unit of a claim's quantity, given that of its metric.
impl Quantity {
    /// The unit of a ratio is `ratio`, that of a crossover `tasks`, and that of a value its metric's.
    pub fn unit(&self, of_metric: &'static str) -> &'static str {
        match self {
            Self::Value { .. } => of_metric,
            Self::Ratio { .. } => "ratio",
            Self::Crossover { .. } => "tasks",
        }
    }

    /// All cells that it is about.
    pub fn cells(&self) -> impl Iterator<Item = &CellRef> {
        let (first, second): (&[CellRef], &[CellRef]) = match self {
            Self::Value { of } => (std::slice::from_ref(of), &[]),
            Self::Ratio { of, over } => (std::slice::from_ref(of), std::slice::from_ref(over)),
            Self::Crossover { of, over } => (of, over),
        };
        first.iter().chain(second)
    }
}

/// SHA-256 of the claims as they stand in `plan.json`, hexadecimal: taken before the first trial, so
/// that nobody can fit a claim to what came out.
pub fn hash(claims: &[Claim]) -> String {
    hash_in(SCHEMA, claims)
}

/// The same of a plan of that version, whose metrics had the names of then.
pub(crate) fn hash_in(schema: u32, claims: &[Claim]) -> String {
    let mut text = serde_json::to_string(claims).expect("claims are plain data");
    if schema < RENAMED_IN {
        // Within a text of JSON these quotes would be escaped: only metrics are meant.
        text = text.replace(r#""metric":"later_"#, r#""metric":"steady_"#);
    }
    sha256(text.as_bytes())
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal: a hash that was taken piece by piece.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        let cell = |runtime: &str| CellRef {
            cell: format!("x_sleep-1000-1ms_{runtime}"),
            runtime: runtime.into(),
            group: "sleep-1000-1ms".into(),
            tasks: 1000,
        };
        Claim {
            experiment: "x".into(),
            id: "faster".into(),
            says: "a is faster".into(),
            source: Source {
                title: "t".into(),
                author: "a".into(),
                date: "2025-10-07".into(),
                address: None,
            },
            metric: Metric::Makespan,
            quantity: Quantity::Ratio { of: cell("b"), over: cell("a") },
            expect: Expectation::parse(">= 10", "ratio").unwrap(),
            untestable: None,
            variant: false,
        }
    }

    #[test]
    fn a_claim_comes_back_the_same_from_its_file_and_so_does_its_hash() {
        let json = serde_json::to_string(&[claim()]).unwrap();
        let back: Vec<Claim> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, [claim()]);
        assert_eq!(hash(&back), hash(&[claim()]));
    }

    #[test]
    fn claims_of_an_older_version_are_read_with_its_names_and_have_its_hash() {
        let now = [Claim { metric: Metric::LaterMakespan, ..claim() }];
        let then = serde_json::to_string(&now).unwrap().replace("later_", "steady_");
        assert!(then.contains(r#""metric":"steady_makespan_ns""#));
        let back: Vec<Claim> = serde_json::from_str(&then).unwrap();
        assert_eq!((&*back, hash_in(5, &back)), (&now[..], sha256(then.as_bytes())));
        assert_ne!(hash(&back), sha256(then.as_bytes()));
    }

    #[test]
    fn the_hash_is_sha_256() {
        // Published test vector of SHA-256, FIPS 180-2, "abc".
        assert!(sha256(b"abc").starts_with("ba7816bf8f01cfea"));
    }

    #[test]
    fn a_claim_that_was_changed_has_another_hash() {
        let changed = Claim { expect: Expectation::parse(">= 9", "ratio").unwrap(), ..claim() };
        assert_ne!(hash(&[changed]), hash(&[claim()]));
    }
}
