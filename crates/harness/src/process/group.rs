//! A control group for all that a lab starts, where the kernel gives us one. It ends in one stroke with all that is in it,
//! whatever that has done with its session and its environment.
//!
//! The lab itself is in the group, so that what it starts is in it from the first moment. To move each runner there would
//! delay each start by some milliseconds. The group sets no limit and turns no controller on. Where it cannot be had, as
//! in most containers, the marks of `keeper.rs` have to do.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use protocol::control_group::folders;

/// How the names of our groups begin.
const PREFIX: &str = "kilotask-";
/// The file that has the processes of a group, and that moves one into it.
const PROCESSES: &str = "cgroup.procs";
/// The file that ends all processes of a group. Linux has it since 5.14.
const KILL: &str = "cgroup.kill";
/// The file that says whether any process is in a group.
const EVENTS: &str = "cgroup.events";

/// Moves this process into a group with this name, below the one that it is in.
///
/// # Errors
/// When there is no second version of control groups, or no right to have one. Nothing has changed then.
pub(super) fn enter(name: &str) -> io::Result<()> {
    let group = of(name).ok_or(io::ErrorKind::NotFound)?;
    fs::create_dir(&group)?;
    let entered = fs::metadata(group.join(KILL)).and_then(|_| fs::write(group.join(PROCESSES), "0"));
    if entered.is_err() {
        let _ = fs::remove_dir(&group);
    }
    entered
}

/// Ends all that is in the group with this name, and the group; for a process that is in the group above. Whether it is
/// gone: to end takes processes a moment.
pub(super) fn end(name: &str) -> bool {
    of(name).is_none_or(|group| end_group(&group))
}

/// Ends the groups whose names are meant, if all that is in them `is_ours`, and removes those that are empty: a lab is in its
/// own as long as it lives.
pub(super) fn end_where(is_meant: impl Fn(&str) -> bool, is_ours: impl Fn(i32) -> bool) {
    let here = own().and_then(|own| fs::read_dir(own).ok());
    for entry in here.into_iter().flatten().flatten() {
        let (name, group) = (entry.file_name().into_string().unwrap_or_default(), entry.path());
        let Some(mark) = name.strip_prefix(PREFIX) else { continue };
        if is_empty(&group) {
            remove(&group);
        } else if is_meant(mark) && processes(&group).into_iter().all(&is_ours) {
            end_group(&group);
        }
    }
}

fn end_group(group: &Path) -> bool {
    let _ = fs::write(group.join(KILL), "1");
    if is_empty(group) {
        remove(group);
    }
    !group.exists()
}

/// Whether no process is in a group, nor in those below it.
fn is_empty(group: &Path) -> bool {
    fs::read_to_string(group.join(EVENTS))
        .is_ok_and(|events| events.lines().any(|line| line == "populated 0"))
}

/// Removes an empty group, and first those that what was in it has made below it: another lab, for example.
fn remove(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove(&entry.path());
        }
    }
    let _ = fs::remove_dir(group);
}

/// The processes of a group; those of a PID namespace that we do not see have the number 0.
fn processes(group: &Path) -> Vec<i32> {
    let text = fs::read_to_string(group.join(PROCESSES)).unwrap_or_default();
    text.lines().filter_map(|pid| pid.parse().ok()).collect()
}

fn of(name: &str) -> Option<PathBuf> {
    Some(own()?.join(format!("{PREFIX}{name}")))
}

/// The folder of the group that this process is in. The second version has no controller's name.
fn own() -> Option<PathBuf> {
    folders("").into_iter().next()
}
