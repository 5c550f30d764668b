//! The lab's own troubles pass, mostly: what they spoilt is tried again, a few times.

use std::thread::sleep;
use std::time::Duration;

/// How often it is tried again.
const MORE_TRIES: u32 = 3;

/// How long to wait before it is tried again.
pub(crate) const PAUSE: Duration = Duration::from_millis(500);

/// Tries it again, each time after a pause, as long as the lab's own trouble spoils it; gives what came last.
///
/// # Errors
/// The first error, which is not tried again: that somebody interrupts, say.
pub(crate) fn patiently<T, E>(
    pause: Duration,
    is_spoilt: impl Fn(&T) -> bool,
    mut attempt: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    let mut result = attempt()?;
    for _ in 0..MORE_TRIES {
        if !is_spoilt(&result) {
            break;
        }
        sleep(pause);
        result = attempt()?;
    }
    Ok(result)
}
