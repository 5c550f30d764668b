//! The runner of tokio over mimalloc.

use runtime_tokio_mimalloc::TokioMimalloc;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

runner::main!(TokioMimalloc);
