//! Where cargo puts the programs of a checkout: that follows from the environment and from `.cargo/config.toml` here and
//! above.

use std::path::{Path, PathBuf};

use cargo_config2::Config;

/// Cargo's folder for a checkout.
pub(crate) struct CargoLayout {
    target: PathBuf,
    /// Named by `build.target`: its programs are in a folder of that name, though it be the machine's own.
    triple: Option<String>,
}

impl CargoLayout {
    /// That of the checkout in a folder. Where cargo cannot read its configuration nothing can be built: that is for it
    /// to say.
    pub(crate) fn of(root: &Path) -> Self {
        let build = Config::load_with_cwd(root).ok().map(|config| config.build);
        let triples = build.as_ref().and_then(|build| build.target.as_ref());
        let triple = triples.and_then(|triples| Some(triples.first()?.triple().to_string()));
        let named = build.as_ref().and_then(|build| build.target_dir.as_ref());
        Self {
            target: root.join(named.map_or(Path::new("target"), PathBuf::as_path)),
            triple: triple.filter(|triple| !triple.is_empty()),
        }
    }

    /// The same, in another folder.
    pub(crate) fn within(self, target: PathBuf) -> Self {
        Self { target, ..self }
    }

    /// The folder itself.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where cargo puts the programs of a profile.
    pub(crate) fn programs(&self, profile: &str) -> PathBuf {
        let triple = self.triple.iter().map(PathBuf::from);
        triple.fold(self.target.clone(), |target, triple| target.join(triple)).join(profile)
    }

    /// Where `make` puts them as well, so that their place does not depend on the triple.
    pub(crate) fn copies(&self, profile: &str) -> PathBuf {
        self.target.join(profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{checkout, is_target_shared};

    #[test]
    fn the_configuration_of_cargo_says_where_programs_are() {
        if is_target_shared() {
            return;
        }
        let programs = |config: &str| {
            let root = checkout(&[(".cargo/config.toml", config)]);
            let layout = CargoLayout::of(root.path());
            let within =
                |path: PathBuf| path.strip_prefix(root.path()).map_or(path.clone(), Path::to_path_buf);
            [layout.programs("release"), layout.copies("release")]
                .map(|path| within(path).display().to_string())
        };
        let both = |folder: &str| [folder.to_string(), folder.into()];
        assert_eq!(programs(""), both("target/release"));
        assert_eq!(programs("build.target-dir = 'out'"), both("out/release"));
        assert_eq!(programs("build.target-dir = '/out'"), both("/out/release"));
        let triple = "x86_64-unknown-linux-musl";
        let expected = [format!("target/{triple}/release"), "target/release".into()];
        assert_eq!(programs(&format!("build.target = '{triple}'")), expected);
        assert_eq!(programs("build.target = []"), both("target/release"));
    }
}
