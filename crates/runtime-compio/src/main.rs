//! The runner of compio.

use runtime_compio::Compio;

runner::main!(Compio);
