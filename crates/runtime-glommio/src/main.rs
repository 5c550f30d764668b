//! The runner of glommio, as it is shipped, with membarrier registered early, and with more threads for blocking calls.

use runtime_glommio::{Glommio, GlommioBlockingPool, GlommioEarlyMembarrier};

runner::main!(Glommio, GlommioEarlyMembarrier, GlommioBlockingPool);
