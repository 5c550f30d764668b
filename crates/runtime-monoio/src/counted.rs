//! The counted build of the runner of monoio.

use runtime_monoio::Monoio;

runner::counted_main!(Monoio);
