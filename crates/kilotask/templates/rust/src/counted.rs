//! The counted build of the runner of template.

use runtime_template::Placeholder;

runner::counted_main!(Placeholder);
