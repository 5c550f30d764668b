//! The counted build of the runner of smol.

use runtime_smol::{Smol, SmolStatic};

runner::counted_main!(Smol, SmolStatic);
