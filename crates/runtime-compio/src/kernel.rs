//! Why a ring cannot be had, in words that help.

use std::fs;
use std::io;

use runner::Refusal;

/// What an error of `io_uring_setup` alone does not tell.
struct Circumstances {
    /// The sysctl `kernel.io_uring_disabled`; `None` before Linux 6.6.
    disabled: Option<String>,
    /// Whether a seccomp filter is in force.
    filtered: bool,
}

/// The refusal of a job for which no ring could be set up.
pub fn refuse(error: &io::Error) -> Refusal {
    let disabled = fs::read_to_string("/proc/sys/kernel/io_uring_disabled").ok();
    let status = fs::read_to_string("/proc/self/status");
    let circumstances = Circumstances {
        disabled: disabled.map(|text| text.trim().to_owned()),
        filtered: status.is_ok_and(|text| text.lines().any(|line| line == "Seccomp:\t2")),
    };
    Refusal::unavailable(explain(error, &circumstances))
}

fn explain(error: &io::Error, circumstances: &Circumstances) -> String {
    let why = match (circumstances.disabled.as_deref(), circumstances.filtered) {
        (Some(disabled @ ("1" | "2")), _) => format!(
            "kernel.io_uring_disabled = {disabled} forbids it; enable it with sysctl -w kernel.io_uring_disabled=0"
        ),
        (_, true) => "a seccomp filter is in force; allow io_uring_setup, io_uring_enter and io_uring_register in its \
                      profile (containers: --security-opt seccomp=…)"
            .to_owned(),
        _ => "neither a sysctl nor a seccomp filter forbids it; is the kernel built with CONFIG_IO_URING, and is the \
              memlock limit (ulimit -l) high enough?"
            .to_owned(),
    };
    format!("compio could not set up an io_uring ({error}): {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(disabled: Option<&str>, filtered: bool) -> String {
        let circumstances = Circumstances { disabled: disabled.map(str::to_owned), filtered };
        explain(&io::Error::from_raw_os_error(1), &circumstances)
    }

    #[test]
    fn a_sysctl_that_forbids_is_named_even_under_a_filter() {
        assert!(reason(Some("2"), true).contains("io_uring_disabled = 2"));
        assert!(reason(Some("1"), false).contains("sysctl -w"));
    }

    #[test]
    fn a_filter_is_told_from_a_kernel_without_io_uring() {
        assert!(reason(Some("0"), true).contains("seccomp=…"));
        assert!(reason(None, false).contains("CONFIG_IO_URING"));
    }
}
