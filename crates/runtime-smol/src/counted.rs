//! The counted build of the runner of smol.

use runtime_smol::Smol;

runner::counted_main!(Smol);
