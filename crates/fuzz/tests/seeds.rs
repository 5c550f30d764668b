//! Every seed, whole and broken in simple ways, without a fuzzer: what was found once is read in every test run.

use std::fs;
use std::path::Path;

use fuzz::TARGETS;

/// How many places of a seed are changed, at most.
const PLACES: usize = 200;

/// What stands in the place of a byte.
const BYTES: [u8; 5] = [0, b'9', b'"', b'\n', 0xff];

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let files = fs::read_dir(folder).expect("each target has a folder of seeds");
    files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn no_seed_panics_whole_cut_or_changed() {
    for target in TARGETS {
        let seeds = seeds(target.name);
        assert!(!seeds.is_empty(), "{} has no seed", target.name);
        for seed in seeds {
            (target.read)(&seed);
            for place in (0..seed.len()).step_by(seed.len() / PLACES + 1) {
                (target.read)(&seed[..place]);
                for byte in BYTES {
                    let mut changed = seed.clone();
                    changed[place] = byte;
                    (target.read)(&changed);
                }
            }
        }
    }
}
