//! The counted twin of the runner of smol.

use runtime_smol::Smol;

runner::counted_main!(Smol);
