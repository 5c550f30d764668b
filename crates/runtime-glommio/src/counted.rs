//! The counted twin of the runner of glommio.

use runtime_glommio::{Glommio, GlommioEarlyMembarrier};

runner::counted_main!(Glommio, GlommioEarlyMembarrier);
