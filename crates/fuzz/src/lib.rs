//! What the lab reads from strangers, read from any bytes: it gives an answer or an error, and never panics, hangs or takes
//! memory without a bound.
//!
//! `make fuzz` lets libFuzzer make up the bytes; `tests/seeds.rs` reads the seeds, and seeds that are broken in simple ways,
//! in every test run. To repeat a finding: `FUZZ=plan target/fuzz/…/fuzz FILE`; then make it a seed.

mod files;
mod wire;

/// A kind of input: its name, which is that of its folder of seeds, and what reads it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// `plan`.
    pub name: &'static str,
    /// Reads bytes; a panic is a finding.
    pub read: fn(&[u8]),
}

/// All kinds of input.
pub const TARGETS: [Target; 7] = [
    Target { name: "line", read: wire::line },
    Target { name: "spans", read: wire::spans },
    Target { name: "experiment", read: files::experiment },
    Target { name: "plan", read: files::plan },
    Target { name: "trials", read: files::trials },
    Target { name: "manifest", read: files::manifest },
    Target { name: "bundle", read: files::bundle },
];

/// The target of this name.
///
/// # Panics
/// If there is none.
pub fn target(name: &str) -> Target {
    let names = || TARGETS.map(|target| target.name).join(", ");
    *TARGETS
        .iter()
        .find(|target| target.name == name)
        .unwrap_or_else(|| panic!("no {name}: one of {}", names()))
}
