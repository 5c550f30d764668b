//! The runner of tokio's two schedulers.

use runtime_tokio::{CurrentThread, MultiThread};

runner::main!(MultiThread, CurrentThread);
