//! The counted build of the runner of may.

use runtime_may::May;

runner::counted_main!(May);
