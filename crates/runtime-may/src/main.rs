//! The runner of may.

use runtime_may::{May, MayPrestarted};

runner::main!(May, MayPrestarted);
