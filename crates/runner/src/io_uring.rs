//! Why an `io_uring` cannot be set up, and what to do about it.
//!
//! The kernel reports little more than "not permitted", whatever forbids it, and a runtime on top
//! of `io_uring` reports less. Mostly it is a setting that can be changed, which is looked up and
//! named here.

use std::fs;
use std::io;

use protocol::Refusal;
use rustix::io::Errno;

/// What distinguishes between the reasons for the same error.
struct Circumstances {
    /// The sysctl `kernel.io_uring_disabled`; `None` before Linux 6.6.
    disabled: Option<u32>,
    /// Whether a seccomp filter is in force.
    filtered: bool,
}

/// The refusal of a job for which `runtime` could not set up an `io_uring`: `unavailable`, with the
/// reason and what to do. `error` is the error of setting it up.
pub fn refuse(runtime: &str, error: &io::Error) -> Refusal {
    let why = match Errno::from_io_error(error) {
        Some(errno) => explain(errno, &Circumstances::read()),
        None => error.to_string(),
    };
    Refusal::unavailable(format!("{runtime} cannot have an io_uring: {why}"))
}

impl Circumstances {
    fn read() -> Self {
        let disabled = fs::read_to_string("/proc/sys/kernel/io_uring_disabled");
        let status = fs::read_to_string("/proc/self/status");
        Self {
            disabled: disabled.ok().and_then(|text| text.trim().parse().ok()),
            filtered: status.is_ok_and(|text| text.lines().any(|line| line == "Seccomp:\t2")),
        }
    }
}

/// Why `io_uring_setup` failed, and what to do.
fn explain(errno: Errno, circumstances: &Circumstances) -> String {
    const ALLOW: &str = "allow io_uring_setup, io_uring_enter and io_uring_register in its profile \
                         (containers: --security-opt seccomp=…)";
    const ENABLE: &str = "enable it with sysctl -w kernel.io_uring_disabled=0";
    match (errno, circumstances.disabled, circumstances.filtered) {
        (Errno::PERM, Some(2), _) => format!("kernel.io_uring_disabled = 2 forbids it; {ENABLE}"),
        (Errno::PERM, Some(1), false) => format!(
            "kernel.io_uring_disabled = 1 leaves it to CAP_SYS_ADMIN and to the group of kernel.io_uring_group; \
             {ENABLE}, or join the group"
        ),
        (Errno::PERM | Errno::NOSYS, _, true) => format!("a seccomp filter forbids it ({errno}); {ALLOW}"),
        (Errno::PERM, ..) => format!("a security module of the kernel forbids it ({errno})"),
        (Errno::NOSYS, ..) => "this kernel is built without it (CONFIG_IO_URING)".to_owned(),
        (Errno::NOMEM, ..) => {
            format!("the kernel had no memory for it ({errno}); raise the memlock limit, ulimit -l")
        }
        _ => errno.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(errno: Errno, disabled: Option<u32>, filtered: bool) -> String {
        explain(errno, &Circumstances { disabled, filtered })
    }

    #[test]
    fn a_sysctl_that_forbids_is_named_even_under_a_filter() {
        assert!(reason(Errno::PERM, Some(2), true).contains("io_uring_disabled = 2"));
        assert!(reason(Errno::PERM, Some(1), false).contains("io_uring_disabled = 1"));
    }

    #[test]
    fn a_filter_is_told_from_a_kernel_without_io_uring() {
        assert!(reason(Errno::NOSYS, Some(0), true).contains("seccomp"));
        assert!(reason(Errno::PERM, None, true).contains("seccomp"));
        assert!(reason(Errno::NOSYS, None, false).contains("CONFIG_IO_URING"));
        assert!(reason(Errno::PERM, Some(0), false).contains("security module"));
    }

    #[test]
    fn an_error_that_is_none_of_the_kernels_is_passed_on() {
        let refusal = refuse("x", &io::Error::other("no such luck"));
        assert_eq!(refusal.reason, "x cannot have an io_uring: no such luck");
    }
}
