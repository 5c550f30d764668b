//! The counted build of the runner of glommio.

use runtime_glommio::{Glommio, GlommioBlockingPool, GlommioEarlyMembarrier};

runner::counted_main!(Glommio, GlommioEarlyMembarrier, GlommioBlockingPool);
