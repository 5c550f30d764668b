//! What glommio needs of the kernel, checked before it is started.
//!
//! Whenever glommio cannot set up an `io_uring`, it says that the kernel is too old, by a panic or
//! by ending the process. Mostly the reason is another, and so is what to do about it.

use runner::{Refusal, io_uring};
use rustix::io::Errno;
use rustix::io_uring::{io_uring_params, io_uring_setup};
use rustix::process::{Resource, getrlimit};
use rustix::system::uname;

/// The oldest kernel that glommio documents.
const OLDEST_KERNEL: (u32, u32) = (5, 8);
/// The least memory, bytes, that glommio wants to be able to lock.
const LEAST_MEMLOCK: u64 = 512 << 10;

/// Refuses a machine on which glommio's rings could not be set up.
///
/// # Errors
/// `unavailable`, with the reason and what to do.
pub fn require_io_uring() -> Result<(), Refusal> {
    let release = uname().release().to_string_lossy().into_owned();
    check_kernel(&release)
        .and_then(|()| check_memlock(getrlimit(Resource::Memlock).current))
        .map_err(Refusal::unavailable)?;
    set_up_a_ring().map_err(|errno| io_uring::refuse("glommio", &errno.into()))
}

fn check_kernel(release: &str) -> Result<(), String> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) < OLDEST_KERNEL => {
            let (major, minor) = OLDEST_KERNEL;
            Err(format!("Linux {release} is older than {major}.{minor}, which glommio needs"))
        }
        _ => Ok(()),
    }
}

/// `limit` in bytes; `None` means no limit.
fn check_memlock(limit: Option<u64>) -> Result<(), String> {
    match limit {
        Some(limit) if limit < LEAST_MEMLOCK => Err(format!(
            "glommio needs {1} KiB of locked memory and the soft limit is {0} KiB; raise it with ulimit -l \
             {1}",
            limit >> 10,
            LEAST_MEMLOCK >> 10,
        )),
        _ => Ok(()),
    }
}

/// Sets up the smallest ring and closes it again.
#[allow(unsafe_code)]
fn set_up_a_ring() -> Result<(), Errno> {
    let mut params = io_uring_params::default();
    // SAFETY: the parameters are all zero, so that there is no IORING_SETUP_ATTACH_WQ, which alone
    // would ask for a descriptor of ours.
    unsafe { io_uring_setup(1, &mut params) }.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_before_5_8_is_refused_by_its_number() {
        assert!(check_kernel("5.7.19").unwrap_err().contains("5.7.19 is older than 5.8"));
        assert!(check_kernel("4.18.0-553.el8").is_err());
        for new in ["5.8.0", "5.10.0-30-amd64", "6.18.44", "10.0-rc1"] {
            assert_eq!(check_kernel(new), Ok(()));
        }
    }

    #[test]
    fn a_kernel_that_does_not_say_its_number_is_tried() {
        assert_eq!(check_kernel("next"), Ok(()));
    }

    #[test]
    fn the_memlock_limit_is_refused_below_512_kib_with_the_command_that_raises_it() {
        let reason = check_memlock(Some(64 << 10)).unwrap_err();
        assert!(reason.contains("64 KiB") && reason.contains("ulimit -l 512"), "{reason}");
        assert_eq!(check_memlock(Some(512 << 10)), Ok(()));
        assert_eq!(check_memlock(None), Ok(()));
    }
}
