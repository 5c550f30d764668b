//! CPU time of a runner, read from outside, where it cannot be made up.

use std::time::Duration;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use procfs::process::Process;

use crate::memory::descendants;

/// What a process has used, with all of its threads, those that have ended too; `None` when it is gone.
///
/// It is exact to the nanosecond, and takes a microsecond to read.
pub fn of_process(pid: u32) -> Option<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(pid).ok()?)).ok()?;
    clock_gettime(clock).ok().map(Duration::from)
}

/// What a process has used, and all that it has started, those that have ended too.
pub fn of_tree(pid: u32) -> Option<Duration> {
    let leader = i32::try_from(pid).ok()?;
    let stat = Process::new(leader).and_then(|process| process.stat()).ok()?;
    let ticks = u64::try_from(stat.cutime + stat.cstime).ok()?;
    let ended = Duration::from_secs(ticks) / u32::try_from(procfs::ticks_per_second()).ok()?;
    let alive = descendants(&[leader]).into_iter().filter_map(|pid| of_process(u32::try_from(pid).ok()?));
    Some(ended + alive.sum::<Duration>())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_a_child_burns_is_seen_while_it_lives_and_after_it_has_ended() {
        const BURN: &str = "i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done";
        let own = std::process::id();
        let burn = |then: &str| format!("{BURN}; {then}");
        assert!(Command::new("sh").args(["-c", BURN]).status().unwrap().success());
        let mut child = Command::new("sh")
            .args(["-c", &burn("echo; read -r line")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Read::read(child.stdout.as_mut().unwrap(), &mut [0]).unwrap();
        let of_child = of_process(child.id()).unwrap();
        assert!(of_child > Duration::from_millis(5), "{of_child:?}");
        // That of the one that has ended as well, in ticks of the kernel.
        assert!(of_tree(own).unwrap() > of_process(own).unwrap() + of_child);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_process_that_is_gone_has_used_nothing_that_is_known() {
        assert_eq!((of_process(u32::MAX), of_tree(u32::MAX)), (None, None));
    }
}
