//! The counted build of the runner of rayon.

use runtime_rayon::Rayon;

runner::counted_main!(Rayon);
