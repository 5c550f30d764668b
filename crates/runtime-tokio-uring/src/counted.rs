//! The counted build of the runner of tokio-uring.

use runtime_tokio_uring::TokioUring;

runner::counted_main!(TokioUring);
