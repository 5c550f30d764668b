//! The runner of may.

use runtime_may::May;

runner::main!(May);
