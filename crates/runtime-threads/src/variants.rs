//! `threads-condvar` and `threads-std-channel`: [`Threads`] with other channels, to show how much of a
//! hop between two threads is the channel, and how much the kernel.
//!
//! They have the workloads that pass messages. Pipes are the kernel's own, so that `brigade` is the
//! same in all.

use std::marker::PhantomData;

use runner::{About, Job, Needs, Refusal, Runtime, Workload, Workloads};

use crate::channels::{Channel, Condvars, Std};
use crate::crew::Threads;
use crate::switching;

/// Threads that pass their messages through channels of one kind.
pub struct Variant<C>(Threads, PhantomData<C>);

/// Threads with channels of a lock and condition variables.
pub type ThreadsCondvar = Variant<Condvars>;

/// Threads with the channels of `std::sync::mpsc`.
pub type ThreadsStdChannel = Variant<Std>;

/// The version of the standard library is that of its compiler.
const VERSION: &str = env!("RUSTC_VERSION");

/// A channel that makes a runtime of its own.
pub trait Named: Channel {
    /// Name of the runtime, and what is different in it.
    const NAME_AND_MODEL: (&'static str, &'static str);
}

impl Named for Condvars {
    const NAME_AND_MODEL: (&'static str, &'static str) =
        ("threads-condvar", "one OS thread per task; channels of a lock and two condition variables (std)");
}

impl Named for Std {
    const NAME_AND_MODEL: (&'static str, &'static str) =
        ("threads-std-channel", "one OS thread per task; channels of std::sync::mpsc");
}

impl<C: Named> Runtime for Variant<C> {
    const ABOUT: About = About {
        params: Threads::ABOUT.params,
        ..About::new(C::NAME_AND_MODEL.0, VERSION, C::NAME_AND_MODEL.1)
            .family("threads")
            .variant_of(Threads::ABOUT.name)
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::PingPong, |Self(threads, _), round| {
            threads.crew(round.tasks(), |crew| switching::ping_pong::<C>(round, crew))
        }),
        (Workload::FanIn, |Self(threads, _), round| threads.fan_in::<C>(round)),
    ];
    const NEEDS: Needs = Threads::NEEDS;

    fn start(job: &Job) -> Result<Self, Refusal> {
        Threads::start(job).map(|threads| Self(threads, PhantomData))
    }
}
