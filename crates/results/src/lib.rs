//! The folder of a run: its files, their rows and columns, its plan, its claims and its metrics.
//!
//! The harness writes such folders; `aggregate`, `report` and `export` read them. What they must agree
//! on stands here, once, and this crate knows none of them.
//!
//! - [`folder`]: the name of each file;
//! - [`plan`], [`cell`], [`environment`], [`ending`]: what the JSON files hold; [`machine`]: which machine it was;
//! - [`rows`]: a struct for each kind of CSV row, each column declared once ([`table`], [`value`]);
//! - [`read`], [`mod@write`], [`disk`], [`regular`]: the one reader, the one writer, what makes files outlive a power cut,
//!   and what is a file at all; [`checksum`]: what tells that a row is as it was written;
//! - [`deal`], [`part`]: how a plan is dealt to machines, and the parts that it is run in; [`roster`]: which of the trials of its plan a run has; [`merged`]:
//!   those of several machines; [`trials`]: those of a run, wherever they stand; [`names`]: what may be a name;
//! - [`metric`]: each metric with its unit, its pass, and how a trial gives its value; [`measure`]: those by
//!   which the runtimes are compared on a workload; [`held`]: whether tasks that are held left a trace; [`overview`]: the
//!   one group that stands for a workload;
//! - [`claims`]: what was claimed, and what is expected of which quantity;
//! - [`human`]: numbers for people; [`sanitize`]: text of strangers, fit for a table.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

pub mod cell;
pub mod checksum;
pub mod claims;
pub mod deal;
pub mod described;
pub mod difference;
pub mod disk;
pub mod disturbance;
pub mod ending;
pub mod environment;
pub mod error;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod folder;
pub mod grouping;
pub mod held;
pub mod human;
pub mod machine;
pub mod measure;
pub mod merged;
pub mod metric;
pub mod names;
pub mod overview;
pub mod part;
pub mod plan;
pub mod read;
pub mod readme;
pub mod regular;
pub mod roster;
pub mod rounds;
pub mod rows;
pub mod sanitize;
pub mod table;
mod ticks;
pub mod trials;
pub mod value;
pub mod write;

pub use cell::{Cell, Workers};
pub use checksum::RowKey;
pub use claims::{CellRef, Claim, Expectation, NEVER, Quantity, Source, hash, hex, sha256};
pub use deal::Deal;
pub use ending::{Ending, Stopped};
pub use environment::{Environment, RuntimeState};
pub use error::{Error, Problem};
pub use folder::SCHEMA;
pub use human::{Estimate, estimate, show};
pub use machine::Machine;
pub use measure::Measure;
pub use metric::Metric;
pub use overview::overview_groups;
pub use part::{Part, Shard, Share};
pub use plan::{
    EarlierRuns, EqualTime, LeftOut, Plan, PlannedCell, PlannedExperiment, Preset, PresetName, Sensitivity,
};
pub use roster::{Presence, Roster};
pub use rows::{
    AcrossRow, AcrossVerdict, AcrossVerdictRow, Against, CalibrationRow, CrossoverRow, Fitted, FlagRow,
    MachineRow, Order, OrderRow, Pass, RatioRow, RoundRow, ScalingRow, SpanRow, SummaryRow, TrialRow,
    Verdict, VerdictRow,
};
