//! The runner of glommio, as it is shipped and with membarrier registered early.

use runtime_glommio::{Glommio, GlommioEarlyMembarrier};

runner::main!(Glommio, GlommioEarlyMembarrier);
