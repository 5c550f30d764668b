//! The time between `ready` and the first `go`.

use std::time::Duration;

use protocol::proof::splitmix64;

/// How long a runner that is ready waits for its first `go`: one to two milliseconds, which the seed decides.
///
/// Many timers tick every millisecond, counted from when the runtime was made. Were `go` always to come as long after
/// `ready`, it would be this delay of ours that says how late all tasks wake. The first of the two milliseconds is for
/// what we did meanwhile: where we read a runner's memory right before, 100,000 yields took 2.6 % longer.
pub fn pause_before_go(seed: u64) -> Duration {
    Duration::from_millis(1) + Duration::from_nanos(splitmix64(seed) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_is_spread_over_a_millisecond() {
        let ms = Duration::from_millis(1);
        let pauses: Vec<Duration> = (0..1000).map(pause_before_go).collect();
        assert!(pauses.iter().all(|pause| (ms..2 * ms).contains(pause)));
        let in_second_half = pauses.iter().filter(|&&pause| pause >= ms * 3 / 2).count();
        assert!((450..550).contains(&in_second_half), "{in_second_half} of 1000");
    }
}
