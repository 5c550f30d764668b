//! The runner of rayon.

use runtime_rayon::Rayon;

runner::main!(Rayon);
