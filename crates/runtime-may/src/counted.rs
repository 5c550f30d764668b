//! The counted build of the runner of may.

use runtime_may::{May, MayPrestarted};

runner::counted_main!(May, MayPrestarted);
