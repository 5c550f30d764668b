//! The processes that runners leave behind: they come to this process, which names and ends them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

/// How long a helper of a runner (a tracker of its language's library, say) may take to notice that
/// the runner has ended, and to end as well.
const GRACE: Duration = Duration::from_millis(100);

/// Makes this process the one that inherits orphans, and every runner's descendants end with it,
/// even those that left its process group. For a program that starts nothing but runners, once, at
/// its start.
///
/// Where /proc is that of another PID namespace, the numbers there are not ours, and nothing can be done.
pub fn adopt_orphans() {
    if is_proc_ours() && rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_ok() {
        ADOPTING.store(true, Ordering::Relaxed);
    }
}

/// Whether /proc numbers processes as we do.
pub(crate) fn is_proc_ours() -> bool {
    let ours = rustix::process::getpid().as_raw_nonzero().get();
    procfs::process::Process::myself().is_ok_and(|me| me.pid == ours)
}

/// Whether orphans come to us, so that every child that nobody supervises is one.
static ADOPTING: AtomicBool = AtomicBool::new(false);

/// The processes that are supervised now: a runner, and whatever stands opposite it.
static SUPERVISED: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

pub(super) fn supervised() -> MutexGuard<'static, Vec<Pid>> {
    SUPERVISED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills every process that a runner left behind, and reaps those that are gone; whether none is left. Their own
/// children come to us once they are gone, so that it may take several calls.
pub(super) fn end_orphans() -> bool {
    let orphans = orphans();
    for orphan in &orphans {
        let _ = kill_process(*orphan, Signal::KILL);
    }
    for orphan in &orphans {
        let _ = waitpid(Some(*orphan), WaitOptions::NOHANG);
    }
    orphans.is_empty()
}

/// The names of the orphans that are still at work after a grace; where there is none, it is not
/// waited for.
pub(super) fn outlivers() -> Vec<String> {
    const CHECK_EVERY: Duration = Duration::from_millis(2);
    let began = Instant::now();
    loop {
        let at_work: Vec<String> = orphans().into_iter().filter_map(name_at_work).collect();
        if at_work.is_empty() || began.elapsed() >= GRACE {
            return at_work;
        }
        std::thread::sleep(CHECK_EVERY);
    }
}

/// The name of a process that has not ended.
fn name_at_work(pid: Pid) -> Option<String> {
    let stat = procfs::process::Process::new(pid.as_raw_nonzero().get()).and_then(|it| it.stat()).ok()?;
    (!matches!(stat.state, 'Z' | 'X')).then_some(stat.comm)
}

/// Every child that nobody supervises; none where orphans do not come to us.
pub(super) fn orphans() -> Vec<Pid> {
    if !ADOPTING.load(Ordering::Relaxed) {
        return Vec::new();
    }
    let supervised = supervised();
    let mut orphans = children();
    orphans.retain(|child| !supervised.contains(child));
    orphans
}

fn children() -> Vec<Pid> {
    let Ok(tasks) = procfs::process::Process::myself().and_then(|me| me.tasks()) else { return Vec::new() };
    let pids = tasks.flatten().filter_map(|task| task.children().ok()).flatten();
    pids.filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).collect()
}
