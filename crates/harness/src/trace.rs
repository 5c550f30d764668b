//! System calls of a process, counted from outside through the `raw_syscalls:sys_enter` tracepoint.
//!
//! The counter is opened, disabled, on the harness's own thread. Processes that this thread starts
//! inherit it, and exec enables it. So it covers the runner from its first instruction, with every
//! thread and process that it starts, and never stops it. Reading it sums over all of them, the
//! running ones included.

use std::fs::{self, File};
use std::io::{self, Read};

use perf_event::events::Tracepoint;
use perf_event::{Builder, Counter};
use rustix::fs::{Mode, OFlags, openat};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

/// The tracepoint's number, below the root of the tracing file system.
const ID_FILE: &str = "events/raw_syscalls/sys_enter/id";

/// Where the tracing file system is usually mounted.
const TRACEFS: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// Why system calls cannot be counted here, and how to change that.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Forbidden(String);

impl Forbidden {
    /// Forbidden for this reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Counts system calls; found once, used for many trials.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(test, derive(Default))]
pub struct SyscallTracer {
    tracepoint: u64,
}

impl SyscallTracer {
    /// Finds the tracepoint and tries it.
    pub fn new() -> Result<Self, Forbidden> {
        let tracepoint = tracepoint_id()?;
        let tracer = Self { tracepoint };
        tracer.open().map_err(|error| {
            Forbidden(format!(
                "perf_event_open: {error} (kernel.perf_event_paranoid = {}); run as root, or sysctl -w \
                 kernel.perf_event_paranoid=-1",
                paranoid()
            ))
        })?;
        Ok(tracer)
    }

    /// A counter for the processes that this thread starts from now on; drop it before starting one
    /// that is not to be counted.
    pub fn open(&self) -> io::Result<SyscallCounter> {
        let counter = Builder::new(Tracepoint::with_id(self.tracepoint))
            .observe_self()
            .any_cpu()
            .include_kernel()
            .inherit(true)
            .enable_on_exec(true)
            .build()?;
        Ok(SyscallCounter { counter })
    }
}

/// The system calls of one process and its descendants.
pub struct SyscallCounter {
    counter: Counter,
}

impl SyscallCounter {
    /// System calls entered so far.
    pub fn read(&mut self) -> io::Result<u64> {
        self.counter.read()
    }
}

/// What the kernel forbids of counting.
pub(crate) fn paranoid() -> String {
    let setting = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
    setting.trim().into()
}

fn tracepoint_id() -> Result<u64, Forbidden> {
    let mut refusals = Vec::new();
    for root in TRACEFS {
        match fs::read_to_string(format!("{root}/{ID_FILE}")) {
            Ok(id) => return parse_id(&id),
            Err(error) => refusals.push(format!("{root}: {error}")),
        }
    }
    // Not mounted, or hidden: make a private mount, which goes away when its file is closed.
    match detached_tracefs() {
        Ok(id) => parse_id(&id),
        Err(error) => Err(Forbidden(format!(
            "tracefs cannot be read ({}; a private mount: {error}); run as root, or sudo mount -t tracefs \
             nodev /sys/kernel/tracing && sudo chmod -R a+rX /sys/kernel/tracing/events/raw_syscalls",
            refusals.join("; ")
        ))),
    }
}

fn parse_id(text: &str) -> Result<u64, Forbidden> {
    text.trim().parse().map_err(|_| Forbidden(format!("{ID_FILE} holds {text:?}, not a number")))
}

fn detached_tracefs() -> io::Result<String> {
    let context = fsopen("tracefs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&context)?;
    let root = fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())?;
    let mut id = String::new();
    File::from(openat(&root, ID_FILE, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)
        .read_to_string(&mut id)?;
    Ok(id)
}
