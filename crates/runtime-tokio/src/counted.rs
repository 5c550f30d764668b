//! The counted build of the runner of tokio's two schedulers.

use runtime_tokio::{CurrentThread, MultiThread};

runner::counted_main!(MultiThread, CurrentThread);
