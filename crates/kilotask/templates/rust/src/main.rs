//! The runner of template.

use runtime_template::Placeholder;

runner::main!(Placeholder);
