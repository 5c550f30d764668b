//! Runs that are handed on: as one file, which its receiver checks, merges and shows.

use std::fs;

use crate::support::Checkout;

const BUNDLE: &str = "mine.kilotask.tar.gz";

/// A checkout with a run that was bundled.
fn with_bundle() -> Checkout {
    let checkout = Checkout::with("honest", &["a", "b"], 8);
    checkout.experiment_with_a_claim(8);
    checkout.succeed(&["run", "x.toml", "--out", "results", "--seed", "7"]);
    let said = checkout.succeed(&["bundle", "results", "--out", BUNDLE]);
    assert!(said.contains(&format!("kilotask check {BUNDLE}")), "{said}");
    checkout
}

/// Writes a bundle that is this one but for a byte.
fn spoil(checkout: &Checkout, name: &str) {
    let mut bytes = fs::read(checkout.path().join(BUNDLE)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(checkout.path().join(name), bytes).unwrap();
}

#[test]
fn a_run_is_bundled_checked_unpacked_and_reported() {
    let checkout = with_bundle();
    let said = checkout.succeed(&["check", BUNDLE]);
    assert!(said.starts_with(&format!("verified here: {BUNDLE}\n")), "{said}");
    assert!(said.contains("1 equivalent") || said.contains("1 supported"), "{said}");
    let json = checkout.run(&["check", BUNDLE, BUNDLE, "--json"]).json();
    assert_eq!((&json[1]["label"], &json[1]["bundle"]), (&"verified here".into(), &BUNDLE.into()));
    assert_eq!((json[0]["rows"].as_u64(), &json[0]["reason"]), (json[0]["rows_ok"].as_u64(), &().into()));

    let said = checkout.run(&["check", BUNDLE, "--unpack", "theirs"]);
    assert!(said.err.contains(&format!("{BUNDLE}: its run is in theirs/mine")), "{}", said.err);
    for name in ["trials.csv", "verdicts.csv", "environment.json"] {
        assert_eq!(checkout.read(&format!("theirs/mine/{name}")), checkout.read(&format!("results/{name}")));
    }
    checkout.succeed(&["report", "theirs/mine"]);
    assert_eq!(checkout.read("theirs/mine/report.html"), checkout.read("results/report.html"));
    assert_eq!(
        fs::read_dir(checkout.path().join("theirs")).unwrap().count(),
        1,
        "nothing else is left there"
    );
    checkout.refuse(&["check", BUNDLE, "--unpack", "theirs"], "it is there already");
}

#[test]
fn the_exit_status_tells_what_does_not_hold_from_what_cannot_be_read() {
    let checkout = with_bundle();
    spoil(&checkout, "other.gz");
    let said = checkout.run(&["check", "other.gz", BUNDLE]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.out.starts_with("refused: other.gz: ") && said.out.contains("verified here"),
        "{}",
        said.out
    );
    let json = checkout.run(&["check", "other.gz", "--json"]).json();
    assert_eq!(json[0]["label"], "refused");
    let said = checkout.run(&["check", "nowhere", BUNDLE]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("reading nowhere: ") && said.out.contains("verified here"), "{}", said.err);
    checkout.refuse(&["check", "x.toml"], "x.toml is no bundle");
    checkout.refuse(&["check", "results"], "it is a folder");
    checkout.refuse(&["bundle", "runners"], "runners has no plan.json; name the folder of a run");
}

#[test]
fn a_gallery_has_a_row_for_each_bundle_that_holds() {
    let checkout = with_bundle();
    spoil(&checkout, "other.gz");
    checkout.succeed(&["gallery", "--out", "all.html", BUNDLE]);
    let page = checkout.read("all.html");
    let sha256 = checkout.run(&["check", BUNDLE, "--json"]).json()[0]["sha256"].clone();
    assert!(page.contains(sha256.as_str().unwrap()) && page.contains("1 verified here"), "{page}");
    let said = checkout.run(&["gallery", "--out", "some.html", BUNDLE, "other.gz", BUNDLE]);
    assert_eq!((said.code, checkout.read("some.html")), (2, page));
    assert!(said.err.contains("left out: other.gz: "), "{}", said.err);
    checkout.refuse(&["gallery", "--out", "none.html", "other.gz"], "no bundle is left for none.html");
}

#[test]
fn bundles_of_parts_merge_to_the_same_bytes_as_the_parts() {
    let checkout = Checkout::with("honest", &["a", "b"], 3);
    checkout.succeed(&["plan", "x.toml", "--out", "dealt", "--blocks", "6", "--seed", "7"]);
    for (shard, machine) in [("0/2", "n0"), ("1/2", "n1")] {
        let plan = ["run", "--plan", "dealt/plan.json", "--shard", shard];
        checkout.succeed(&[&plan[..], &["--out", "dealt/parts", "--machine", machine]].concat());
    }
    checkout.succeed(&["bundle", "dealt/parts/shard-0/n0.0", "--out", "n0.gz"]);
    checkout.succeed(&["bundle", "dealt/parts/shard-1/n1.0"]);
    assert!(checkout.path().join("n1.0.kilotask.tar.gz").exists());
    checkout.succeed(&["check", "n0.gz", "n1.0.kilotask.tar.gz"]);

    checkout.succeed(&["merge", "dealt/merged", "dealt/parts"]);
    checkout.succeed(&["merge", "bundled", "n1.0.kilotask.tar.gz", "n0.gz"]);
    checkout.succeed(&["merge", "mixed", "dealt/parts/shard-1", "n0.gz"]);
    for name in ["trials.csv", "rounds.csv", "machines.csv", "merge.json", "environment/n0.json"] {
        let merged = checkout.read(&format!("dealt/merged/{name}"));
        for other in ["bundled", "mixed"] {
            assert_eq!(checkout.read(&format!("{other}/{name}")), merged, "{other}/{name}");
        }
    }
    checkout.succeed(&["bundle", "bundled", "--out", "all.gz"]);
    let said = checkout.succeed(&["check", "all.gz"]);
    assert!(said.contains("verified here: all.gz\n  2 machines\n"), "{said}");
    checkout.refuse(&["merge", "again", "all.gz"], "all.gz holds several machines that were merged already");
    checkout.refuse(&["bundle", "bundled/machines/n0"], "is one machine of a merged folder");
}
