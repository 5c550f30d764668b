//! The runner of monoio.

use runtime_monoio::Monoio;

runner::main!(Monoio);
