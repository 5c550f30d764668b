//! The runner of smol.

use runtime_smol::Smol;

runner::main!(Smol);
