//! The counted build of the runner of compio.

use runtime_compio::Compio;

runner::counted_main!(Compio);
