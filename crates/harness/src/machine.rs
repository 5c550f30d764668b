//! Which machine this is.

use std::env;
use std::fs;

use results::machine::{Machine, machine_name_like};
use results::sha256;

/// What tells a program on which node of a cluster it runs: Slurm's own, and what a manifest of Kubernetes usually passes on.
/// The name of the host may be that of a container.
const NAMES: [&str; 2] = ["SLURMD_NODENAME", "NODE_NAME"];

/// Where the number of an installation stands: made once, when the system was installed.
const INSTALLATION: [&str; 2] = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/// What the firmware says of the hardware, which anybody may read.
const HARDWARE: [&str; 3] =
    ["/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name", "/sys/class/dmi/id/board_name"];

/// How many hexadecimal digits of a hash are kept: no two machines of one run share 64 bits by chance.
const DIGITS: usize = 16;

/// This machine, under the name that it was given, or else the one that it has here.
pub fn machine(given: Option<&str>) -> Machine {
    let named = || NAMES.iter().find_map(|name| env::var(name).ok().filter(|name| !name.is_empty()));
    let host = || rustix::system::uname().nodename().to_string_lossy().into_owned();
    let name = given.map_or_else(|| machine_name_like(&named().unwrap_or_else(host)), String::from);
    let read = |path: &&str| fs::read_to_string(path).ok().map(|text| text.trim().to_string());
    let installation = INSTALLATION.iter().find_map(read).filter(|number| !number.is_empty());
    // A container may have no number: then it is known by its name alone.
    let installation = installation.unwrap_or_else(|| name.clone());
    let hardware = HARDWARE.iter().map(|path| read(path).unwrap_or_default());
    Machine { id: id_of(&installation, hardware), name }
}

/// The hash, as the number of an installation is not to be published.
fn id_of(installation: &str, hardware: impl Iterator<Item = String>) -> String {
    let facts: String =
        [installation.to_string()].into_iter().chain(hardware).flat_map(|fact| [fact, "\n".into()]).collect();
    sha256(format!("kilotask\n{facts}").as_bytes()).chars().take(DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use results::machine::is_machine_name;

    use super::*;

    #[test]
    fn a_machine_is_the_same_each_time_and_has_the_name_that_it_was_given() {
        let (one, another) = (machine(Some("mine")), machine(Some("mine")));
        assert_eq!(one, another);
        assert_eq!(one.name, "mine");
        assert!(is_machine_name(&machine(None).name));
    }

    #[test]
    fn another_installation_or_other_hardware_is_another_machine() {
        let id = |installation: &str, board: &str| id_of(installation, [board.to_string()].into_iter());
        assert_eq!(id("a", "b").len(), DIGITS);
        assert_eq!(id("a", "b"), id("a", "b"));
        assert!(id("a", "b") != id("a", "c") && id("a", "b") != id("c", "b"));
    }
}
