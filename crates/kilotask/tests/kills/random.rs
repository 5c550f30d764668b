//! Random numbers that are the same each time for the same seed.

use std::time::Duration;

use protocol::proof::splitmix64;

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = splitmix64(self.0);
        self.0 % most.max(1)
    }

    /// A time up to this one, to the nanosecond.
    pub fn time(&mut self, most: Duration) -> Duration {
        Duration::from_nanos(self.below(u64::try_from(most.as_nanos()).unwrap()))
    }

    /// A time from a tenth of a millisecond to this one; a short one is as likely as a long one, whatever the unit.
    pub fn time_of_any_size(&mut self, most: Duration) -> Duration {
        const LEAST: f64 = 1e-4;
        let share = self.below(1 << 32) as f64 / f64::from(u32::MAX);
        Duration::from_secs_f64(LEAST * (most.as_secs_f64() / LEAST).powf(share))
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    pub fn shuffled<T>(&mut self, mut all: Vec<T>) -> Vec<T> {
        for end in (1..all.len()).rev() {
            all.swap(end, usize::try_from(self.below(end as u64 + 1)).unwrap());
        }
        all
    }
}
