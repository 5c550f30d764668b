//! The runner of smol.

use runtime_smol::{Smol, SmolStatic};

runner::main!(Smol, SmolStatic);
