//! The library under every Rust runtime.
//!
//! A runtime crate implements [`Runtime`] once for each runtime it hosts and writes its workloads
//! as plain functions in that runtime's own idiom. Two one-line programs make runners of them:
//! `src/main.rs` with [`main!`], and `src/counted.rs` with [`counted_main!`], which counts
//! allocations.
//!
//! What all runtimes share lives here, outside the timed region: the conversation with the harness
//! (`serve`), the clock and the spans ([`Round`]), what the workload used (`usage`), what a runtime
//! needs of the machine ([`Needs`], [`limits`]), and why the machine has no `io_uring`
//! ([`io_uring`]). For runtimes that share nothing between their threads there are [`executors`].
//!
//! ```text
//! job ─▶ Runtime::start ─▶ ready ⟶ go, seed ─▶ workload(Round 0), workload(Round 1), … ─▶ done ⟶ end of input ─▶ spans
//!                                              └────── measured: clock, rusage, allocator ──────┘
//! ```

mod affinity;
pub mod executors;
mod file_read;
pub mod io_uring;
pub mod limits;
pub mod listening;
mod lockfile;
mod needs;
mod round;
mod runtime;
mod serve;
mod usage;
mod wire;

pub use affinity::restrict_to_cpus;
pub use file_read::Block;
pub use lockfile::locked_version;
pub use needs::{Amount, Needs};
pub use protocol::proof::{block_sum, skynet_children};
pub use protocol::workload::{self, BLOCK_BYTES};
pub use protocol::{Job, Params, Refusal, RuntimeInfo, Workload};
pub use round::{BACKLOG, ECHO_BUFFER_BYTES, Round, Tally};
pub use runtime::{About, Host, Runtime, Workloads};
pub use serve::run;
pub use stats_alloc;
pub use usage::Allocations;

/// The program of a runner: `runner::main!(Tokio, TokioCurrentThread);`.
#[macro_export]
macro_rules! main {
    ($($runtime:ty),+ $(,)?) => {
        fn main() -> std::process::ExitCode {
            $crate::run(&[$($crate::Host::of::<$runtime>()),+], $crate::Allocations::NotCounted)
        }
    };
}

/// The program of a runner's counted build: the same runtimes over a global allocator that counts.
///
/// It is a program of its own, because counting costs two atomic additions for each allocation,
/// which have no place in a timed trial.
#[macro_export]
macro_rules! counted_main {
    ($($runtime:ty),+ $(,)?) => {
        #[global_allocator]
        static ALLOCATOR: &$crate::stats_alloc::StatsAlloc<std::alloc::System> =
            &$crate::stats_alloc::INSTRUMENTED_SYSTEM;

        fn main() -> std::process::ExitCode {
            $crate::run(&[$($crate::Host::of::<$runtime>()),+], $crate::Allocations::Counted(ALLOCATOR))
        }
    };
}

/// The version of a dependency in Cargo.lock, so that a runner reports the version that it was
/// built with: `runner::locked_version!("tokio")`.
#[macro_export]
macro_rules! locked_version {
    ($package:literal) => {{
        const VERSION: &str = $crate::locked_version(
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")),
            $package,
        );
        VERSION
    }};
}
