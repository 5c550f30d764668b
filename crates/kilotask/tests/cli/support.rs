//! Checkouts made for a test: runners that are small shell scripts, honest and otherwise.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use results::folder::TRIALS;
use serde_json::Value;
use tempfile::TempDir;

/// How every script begins: the functions of an honest runner of `spawn`; `scattered N` reports
/// makespans of N ns, and up to a tenth more by the seed.
const HONEST: &str = r#"
describe() { echo '{"protocol":2,"runtimes":[{"name":"NAME","version":"1","language":"sh","model":"test","workloads":["spawn","sleep"]}]}'; }
number() { echo "$job$go" | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }
ready() { read -r job; echo '{"event":"ready"}'; read -r go; }
checksum() { echo $(( $1 * $(number seed) + $1 * ($1 - 1) / 2 )); }
scattered() { ready; n=$(number tasks); t=$(( $1 + $1 * ($(number seed) % 100) / 1000 )); echo "{\"event\":\"done\",\"rounds\":[{\"makespan_ns\":$t,\"completed\":$n,\"checksum\":\"$(checksum "$n")\"}]}"; end; }
done_with() { echo "{\"event\":\"done\",\"rounds\":[{\"makespan_ns\":1000,\"completed\":$1,\"checksum\":\"$2\"}]}"; }
honest() { ready; n=$(number tasks); done_with "$n" "$(checksum "$n")"; end; }
end() { read -r rest || true; }
case "$1" in
  describe) describe; exit ;;
  probe) PROBE; exit ;;
esac
"#;

/// What a command said, and its exit status.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Standard output, which is JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

/// A checkout with runners, and a folder for results.
pub struct Checkout {
    folder: TempDir,
}

impl Checkout {
    pub fn new() -> Self {
        Self::called(".tmp")
    }

    /// One whose folder has a name that begins like this.
    pub fn called(begin: &str) -> Self {
        let checkout = Self { folder: tempfile::Builder::new().prefix(begin).tempdir().unwrap() };
        fs::create_dir(checkout.path().join("crates")).unwrap();
        checkout.write("Cargo.toml", "[workspace]\n[workspace.metadata.kilotask]\n");
        checkout
    }

    /// Writes a file of this checkout, in folders that are made for it.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A checkout with runners of these names that all do what the script says, and an experiment.
    pub fn with(script: &str, names: &[&str], blocks: u32) -> Self {
        let checkout = Self::new();
        for name in names {
            checkout.runner(name, script);
        }
        checkout.experiment(blocks);
        checkout
    }

    /// A checkout with the real `threads`, where they are built beside the command, as `make test` has it.
    pub fn with_threads() -> Option<Self> {
        let checkout = Self::new();
        let target = cargo_bin("kilotask").ancestors().nth(2).unwrap().to_path_buf();
        if !target.join("release/runtime-threads").exists() {
            eprintln!("the runtimes are not built (make build): this is not tested");
            return None;
        }
        symlink(target, checkout.path().join("target")).unwrap();
        let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime-threads").canonicalize().unwrap();
        symlink(real, checkout.path().join("crates/runtime-threads")).unwrap();
        Some(checkout)
    }

    /// A checkout with honest runners, and a run of the experiment in `results`.
    pub fn with_run(names: &[&str], blocks: u32) -> Self {
        let checkout = Self::with("honest", names, blocks);
        checkout.succeed(&["run", "x.toml", "--out", "results", "--seed", "7"]);
        checkout
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Adds a runner that does what the script says when it serves a job.
    pub fn runner(&self, name: &str, script: &str) -> &Self {
        self.runner_with_probe(name, "echo '{\"available\":true}'", script)
    }

    pub fn runner_with_probe(&self, name: &str, probe: &str, script: &str) -> &Self {
        let head = HONEST.replace("NAME", name).replace("PROBE", probe);
        self.write(&format!("runners/{name}/runner.toml"), "command = [\"sh\", \"main.sh\"]");
        self.write(&format!("runners/{name}/main.sh"), &format!("{head}\n{script}\n"));
        self
    }

    /// Adds an experiment of `spawn` on all runners, `x.toml`.
    pub fn experiment(&self, blocks: u32) {
        let text = format!(
            "question = \"?\"\nruntimes = \"all\"\npresets.default = {{ blocks = {blocks} }}\n\
             [[workload]]\nname = \"spawn\"\ntasks = [10]\n"
        );
        self.write("x.toml", &text);
    }

    /// The same with a claim: that runtimes `a` and `b` take the same time.
    pub fn experiment_with_a_claim(&self, blocks: u32) {
        let claim = "[source.x]\ntitle = \"x\"\nauthor = \"x\"\ndate = \"2026\"\n\
                     [[claim]]\nid = \"same\"\nsays = \"a takes as long as b\"\nsource = \"x\"\n\
                     metric = \"makespan_ns\"\ncell = \"spawn-10\"\nof = \"a\"\nover = \"b\"\n\
                     expect = \"within 3 %\"\n";
        self.experiment(blocks);
        self.edit("x.toml", |text| text.to_owned() + claim);
    }

    /// Runs the command in this checkout.
    pub fn run(&self, words: &[&str]) -> Said {
        let output = self.kilotask().args(words).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let code = output.status.code().expect("no signal ends it");
        Said { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs the command, which must succeed; gives what it says on standard output.
    pub fn succeed(&self, words: &[&str]) -> String {
        let said = self.run(words);
        assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        said.out
    }

    /// Runs the command, which must be refused as a mistake, and say these words of it.
    pub fn refuse(&self, words: &[&str], expected: &str) {
        let said = self.run(words);
        assert!(said.err.contains(expected), "{words:?}: {expected:?} is not in: {}", said.err);
        assert_eq!((said.code, &*said.out), (1, ""), "{words:?}");
    }

    /// Starts the command in this checkout, to be killed perhaps: its standard error goes into a
    /// file, and the temporary folders that it then cannot remove go with the checkout.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let said = fs::File::create(self.path().join("said")).unwrap();
        let mut command = self.kilotask();
        command.env("TMPDIR", self.path()).args(arguments).stdout(Stdio::null()).stderr(said);
        command.spawn().unwrap()
    }

    /// Sends SIGINT, as Ctrl-C does, to a command that was started; it must end with 130.
    pub fn interrupt(mut command: Child) {
        let kill = Command::new("kill").args(["-INT", &command.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(command.wait().unwrap().code(), Some(130));
    }

    /// The trials of a run but those that stand for disturbed ones, none of which is there twice: cell, block and pass of
    /// each, sorted.
    pub fn trials(&self, out: &str) -> Vec<[String; 3]> {
        let text = planned(&self.read(&format!("{out}/trials.csv")));
        let [cells, blocks, passes] = ["cell", "block", "pass"].map(|name| column(&text, name));
        let mut trials: Vec<[String; 3]> = cells
            .into_iter()
            .zip(blocks)
            .zip(passes)
            .map(|((cell, block), pass)| [cell, block, pass])
            .collect();
        trials.sort();
        assert!(trials.windows(2).all(|pair| pair[0] != pair[1]), "a trial was repeated");
        trials
    }

    /// The command, with this checkout as its current folder.
    pub fn kilotask(&self) -> Command {
        let mut command = Command::new(cargo_bin("kilotask"));
        command.current_dir(self.path()).env_remove("KILOTASK_ROOT").env_remove("CARGO_TARGET_DIR");
        command.env_remove("KILOTASK_RUNNERS");
        command
    }

    /// The text of a file of this checkout.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Changes the text of a file of this checkout, which must make a difference.
    pub fn edit(&self, path: &str, change: impl FnOnce(&str) -> String) {
        let before = self.read(path);
        let after = change(&before);
        assert_ne!(before, after, "{path}");
        self.write(path, &after);
    }

    /// Waits until a run has rows of more trials than these.
    pub fn wait_for_trials(&self, out: &str, count: usize) {
        let path = self.path().join(out).join(TRIALS);
        let rows = || fs::read_to_string(&path).map_or(0, |text| text.lines().count());
        wait_until("enough trials have ended", || rows() > count);
    }
}

/// The longest that a test waits: far longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Writes an executable script of the shell.
pub fn program(path: &Path, script: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Waits until it is so.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited too long: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a process lives that wrote its number into this text.
pub fn is_alive(number: &str) -> bool {
    Path::new("/proc").join(number.trim()).exists()
}

/// The rows of a run's file but those of trials that stand for disturbed ones, of which there are as many as the machine is
/// busy.
pub fn planned(csv: &str) -> String {
    let Some((header, rows)) = csv.split_once('\n') else { return csv.into() };
    let at = header.split(',').position(|column| column == "process").unwrap();
    let planned = rows.lines().filter(|row| row.split(',').nth(at) == Some("0"));
    std::iter::once(header).chain(planned).flat_map(|line| [line, "\n"]).collect()
}

/// The values of one column of a CSV text without quoted commas before it.
pub fn column(csv: &str, name: &str) -> Vec<String> {
    let mut lines = csv.lines();
    let at = lines.next().unwrap().split(',').position(|column| column == name).unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().to_string()).collect()
}
