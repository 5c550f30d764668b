//! The runner of tokio-uring.

use runtime_tokio_uring::TokioUring;

runner::main!(TokioUring);
