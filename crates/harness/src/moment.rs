//! The system clock, as text: RFC 3339, UTC.
//!
//! A clock that was never set may say a time that has no such text; it then says the nearest one that has. Nothing is
//! computed from it but the order of trials.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last second of the year 9999, since 1970.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Now, with microseconds.
pub fn now_in_micros() -> String {
    humantime::format_rfc3339_micros(within(SystemTime::now())).to_string()
}

/// Now, in whole seconds.
pub fn now_in_seconds() -> String {
    humantime::format_rfc3339_seconds(within(SystemTime::now())).to_string()
}

/// The nearest time that has a text.
fn within(time: SystemTime) -> SystemTime {
    UNIX_EPOCH + time.duration_since(UNIX_EPOCH).unwrap_or_default().min(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_1970_or_after_9999_has_a_text() {
        let year = Duration::from_secs(366 * 24 * 60 * 60);
        for (time, text) in [
            (UNIX_EPOCH - year, "1970-01-01T00:00:00.000000Z"),
            (UNIX_EPOCH + LAST + year, "9999-12-31T23:59:59.000000Z"),
            (UNIX_EPOCH + Duration::from_millis(1500), "1970-01-01T00:00:01.500000Z"),
        ] {
            assert_eq!(humantime::format_rfc3339_micros(within(time)).to_string(), text);
        }
    }
}
