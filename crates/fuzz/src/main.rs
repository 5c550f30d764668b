//! The targets under libFuzzer. `FUZZ` names the target; the arguments are libFuzzer's.
#![no_main]

use std::env;
use std::sync::LazyLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> =
    LazyLock::new(|| fuzz::target(&env::var("FUZZ").expect("FUZZ names the target, such as plan")));

fuzz_target!(|bytes: &[u8]| (TARGET.read)(bytes));
