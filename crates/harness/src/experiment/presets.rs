//! How often everything is repeated, by preset.

use results::plan::{Preset, PresetName};
use serde::Deserialize;

/// How often everything is repeated, by preset.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Presets {
    quick: Option<Preset>,
    default: Option<Preset>,
    full: Option<Preset>,
}

impl Presets {
    /// The preset of that name, or a default where the experiment does not define it.
    pub fn get(&self, name: PresetName) -> Preset {
        let plain = |blocks| Preset {
            blocks,
            counted: 1,
            traced: 1,
            instructions: u32::from(name == PresetName::Full),
            max_rounds: None,
            max_tasks: None,
        };
        match name {
            PresetName::Quick => self.quick.unwrap_or(Preset { max_rounds: Some(2), ..plain(2) }),
            PresetName::Default => self.default.unwrap_or(plain(6)),
            PresetName::Full => self.full.unwrap_or(plain(31)),
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Preset> {
        [self.quick, self.default, self.full].into_iter().flatten()
    }
}
