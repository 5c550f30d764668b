//! Bundles that somebody has edited, and whose hashes somebody has taken anew.

use std::fs;

use results::fixture::{seal_again, whole};
use results::folder::{FLAGS, PLAN, SUMMARY, TRIALS};

use super::{Place, edit, file, files, sealed, sealed_by};
use crate::Label;
use crate::manifest::VERSION;

#[test]
fn a_row_that_was_edited_is_refused_even_if_all_hashes_were_taken_anew() {
    let (place, mut files) = (Place::new(), files());
    edit(&mut files, TRIALS, "3000000", "2999999");
    let said = place.refusal(&sealed(&files));
    let words = ["theirs.kilotask.tar.gz: trials.csv:2: ", "column `checksum`: it does not fit the row"];
    assert!(words.iter().all(|word| said.contains(word)) && !said.contains("--resume"), "{said}");
    let mut files = self::files();
    edit(&mut files, PLAN, "\"seed\": 7", "\"seed\": 8");
    let said = place.refusal(&sealed(&files));
    assert!(said.contains("plan.json:1: it was changed: `plan_sha256`"), "{said}");
}

#[test]
fn files_from_which_nothing_follows_are_read_as_well() {
    let place = Place::new();
    for (name, text, words) in [
        ("environment.json", "{\"cpus\": \"two\"}", "environment.json:1: "),
        ("ending.json", "[]", "ending.json:1: "),
        ("spans/e_sleep-1000-1ms_a.csv", "start_ns,finish_ns\n2,1\n", "spans/e_sleep-1000-1ms_a.csv:2: "),
        ("spans/e_sleep-1000-1ms_a.csv", "start_ns,finish_ns\n1,2\n1", "its last row is cut off"),
    ] {
        let mut files = files();
        *file(&mut files, name) = text.into();
        let said = place.refusal(&sealed(&files));
        assert!(said.contains(words), "{said}, not {words}");
    }
}

#[test]
fn a_row_with_a_checksum_taken_anew_still_contradicts_what_follows_from_it() {
    let (place, run, mut files) = (Place::new(), whole(), files());
    let path = run.path().join(TRIALS);
    let text = fs::read_to_string(&path).unwrap().replace("3000000", "2900000");
    fs::write(&path, text).unwrap();
    seal_again(run.path());
    *file(&mut files, TRIALS) = fs::read(path).unwrap();
    let checked = place.check(&sealed(&files)).unwrap();
    let said = checked.label.reason().unwrap();
    assert!(said.starts_with("summary.csv is another from line "), "{said}");
    assert!(said.contains(&format!("kilotask {VERSION} made it, as this is")), "{said}");
}

#[test]
fn what_follows_from_rows_and_does_not_come_out_here_is_as_submitted_and_says_where_and_by_which_version() {
    let place = Place::new();
    let mut files = files();
    file(&mut files, SUMMARY).extend_from_slice(b"x\n");
    let lines = String::from_utf8_lossy(file(&mut files, SUMMARY)).lines().count();
    let checked = place.check(&sealed_by(&files, "9.9.9")).unwrap();
    assert_eq!(checked.label.name(), "as submitted");
    let expected =
        format!("summary.csv is another from line {lines} on; kilotask 9.9.9 made it, and this is {VERSION}");
    assert_eq!(checked.label.reason(), Some(&*expected));
    files.retain(|(name, _)| name != FLAGS);
    let checked = place.check(&sealed(&files)).unwrap();
    let said = checked.label.reason().unwrap();
    assert!(said.starts_with("flags.csv is missing, and one more file; "), "{said}");
    let mut files = self::files();
    files.insert(1, ("across.csv".into(), Vec::new()));
    let checked = place.check(&sealed(&files)).unwrap();
    assert!(checked.label.reason().unwrap().starts_with("across.csv does not follow from the rows; "));
    // The same bytes by another version are as good.
    let checked = place.check(&sealed_by(&self::files(), "9.9.9")).unwrap();
    assert_eq!((&checked.label, &*checked.kilotask), (&Label::Verified, "9.9.9"));
}
