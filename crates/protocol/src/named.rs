//! Enums whose variants have names.

/// Declares an enum and the name of each variant, once; so none is missing in `ALL`, and no name in `NAMES`.
#[macro_export]
macro_rules! named {
    (
        $(#[$attribute:meta])*
        pub enum $type:ident { $( $(#[$doc:meta])* $variant:ident = $name:literal, )+ }
    ) => {
        $(#[$attribute])*
        pub enum $type { $( $(#[$doc])* $variant, )+ }

        impl $type {
            /// All of them, in the order in which they are presented.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];
            /// Their names, in the same order.
            pub const NAMES: [&'static str; Self::ALL.len()] = [$($name),+];

            /// The name, wherever it is written or read.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}
