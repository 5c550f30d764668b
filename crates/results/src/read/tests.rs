use crate::folder;

use super::*;
use crate::rows::{OrderRow, TrialRow};
use crate::write::csv_file;

fn trial(cell: &str, makespan_ns: u64) -> TrialRow {
    TrialRow { cell: cell.into(), block: 1, makespan_ns: Some(makespan_ns), ..TrialRow::default() }
}

/// Reads trials whose file was changed by `change`: the rows and how many were torn, or what was
/// wrong with one.
fn read(change: impl Fn(&str) -> String) -> Result<(Vec<TrialRow>, u64), String> {
    let text = String::from_utf8(csv_file(&[trial("a", 100), trial("b", 200), trial("c", 300)])).unwrap();
    read_bytes(change(&text).as_bytes())
}

fn read_bytes(bytes: &[u8]) -> Result<(Vec<TrialRow>, u64), String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(folder::TRIALS);
    std::fs::write(&path, bytes).unwrap();
    let mut trials = Vec::new();
    let rows = Rows::open(&path, RowKey::NONE).and_then(|rows| rows.each(|row| trials.push(row)));
    rows.map(|torn| (trials, torn)).map_err(|error| error.to_string())
}

fn refusal(change: impl Fn(&str) -> String) -> String {
    read(change).unwrap_err()
}

#[test]
fn rows_come_back_as_they_were_written() {
    let found = read(str::to_owned).unwrap();
    assert_eq!(found, (vec![trial("a", 100), trial("b", 200), trial("c", 300)], 0));
}

#[test]
fn a_row_tells_where_its_bytes_stand() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(folder::TRIALS);
    let bytes = csv_file(&[trial("a\"b", 1), trial("c", 2)]);
    std::fs::write(&path, &bytes).unwrap();
    let mut rows = Rows::<TrialRow>::open(&path, RowKey::NONE).unwrap();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (number, line) in (2..).zip(&lines[1..]) {
        let row = rows.next_row().unwrap().unwrap();
        let range = usize::try_from(row.bytes.start).unwrap()..usize::try_from(row.bytes.end).unwrap();
        assert_eq!((row.line, &bytes[range]), (number, *line));
    }
}

#[test]
fn a_last_row_without_its_newline_is_left_out() {
    let (trials, torn) = read(|text| text[..text.len() - 30].to_owned()).unwrap();
    assert_eq!((trials.len(), torn), (2, 1));
    // Even where all its columns are there: its last number may have lost digits.
    let (trials, torn) = read(|text| text.trim_end().to_owned()).unwrap();
    assert_eq!((trials.len(), torn), (2, 1));
}

#[test]
fn a_row_with_nuls_where_its_bytes_never_came_is_left_out() {
    let holed = |text: &str| text.replace(",200,", ",\0\0\0,");
    assert_eq!(read(holed).unwrap(), (vec![trial("a", 100), trial("c", 300)], 1));
    let emptied = |text: &str| text.replace("b,,1,0,timed", "\0");
    assert_eq!(read(emptied).unwrap().1, 1, "though it has other columns");
}

#[test]
fn a_row_with_a_wrong_type_is_refused_with_file_line_and_column() {
    let error = refusal(|text| text.replace(",200,", ",2e2,"));
    assert!(error.contains("trials.csv:3: reading a trial: column `makespan_ns`: "), "{error}");
    assert!(error.ends_with("or use the file that the run wrote"), "{error}");
    let error = refusal(|text| text.replacen(",timed,", ",guessed,", 1));
    assert!(
        error.contains("trials.csv:2: reading a trial: column `pass`: unknown word \"guessed\""),
        "{error}"
    );
    assert!(error.contains("one of timed, counted, traced"), "{error}");
    assert!(refusal(|text| text.replace(",200,", ",-200,")).contains("trials.csv:3: "));
}

/// Each field in quotes, as some programs write all of them.
fn all_quoted(text: &str) -> String {
    let line = |line: &str| ["\"", &line.replace(',', "\",\""), "\"\n"].concat();
    text.lines().map(line).collect()
}

#[test]
fn what_spreadsheets_make_of_a_table_is_read() {
    let (whole, _) = read(str::to_owned).unwrap();
    let marked = |text: &str| format!("\u{feff}{text}");
    let with_carriage_returns = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(read(marked), Ok((whole.clone(), 0)));
    assert_eq!(read(with_carriage_returns), Ok((whole.clone(), 0)));
    assert_eq!(read(all_quoted), Ok((whole.clone(), 0)));
    assert_eq!(read(|text| marked(&with_carriage_returns(&all_quoted(text)))), Ok((whole, 0)));
}

#[test]
fn semicolons_are_refused_with_file_line_and_column_and_how_to_fix_it() {
    let error = refusal(|text| text.replace(',', ";"));
    assert!(error.contains("trials.csv:2: reading a trial: column `"), "{error}");
    assert!(error.ends_with("or use the file that the run wrote"), "{error}");
}

#[test]
fn a_row_with_too_few_columns_is_refused_with_its_line() {
    let error = refusal(|text| text.replace(",200,", ","));
    assert!(error.contains("trials.csv:3: reading a trial: it has "), "{error}");
}

#[test]
fn a_column_that_nobody_knows_is_ignored_and_one_that_must_be_there_is_missed() {
    let (trials, _) = read(|text| text.replacen("faults_major", "faults_of_mine", 1)).unwrap();
    assert_eq!(trials.len(), 3);
    let error = refusal(|text| text.replacen("block", "blok", 1));
    assert!(error.contains("trials.csv:2: reading a trial: column `block` is missing"), "{error}");
}

#[test]
fn text_that_is_not_utf8_is_refused_with_its_line() {
    let mut bytes = csv_file(&[trial("a", 100)]);
    let place = bytes.len() - 5;
    bytes[place] = 0xff;
    assert!(read_bytes(&bytes).unwrap_err().contains("trials.csv:2: "));
}

#[test]
fn a_file_without_rows_has_none_and_one_without_a_header_is_refused() {
    let (trials, torn) = read(|text| format!("{}\n", text.lines().next().unwrap())).unwrap();
    assert_eq!((trials.len(), torn), (0, 0));
    assert!(refusal(|_| String::new()).contains("trials.csv:1: reading the header"));
}

#[test]
fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let endless = "x\n".repeat(2 * MAX_ROW_BYTES);
    let error = refusal(|text| format!("{text}\"{endless}"));
    assert!(error.contains("trials.csv:5: "), "{error}");
    assert!(error.contains("a row is longer than 1 MiB"), "{error}");
}

#[test]
fn a_line_that_never_ends_is_refused() {
    let error = refusal(|text| format!("{text}{}", "x".repeat(2 * MAX_ROW_BYTES)));
    assert!(error.contains("a row is longer than 1 MiB"), "{error}");
}

#[test]
fn a_whole_table_is_read_or_refused_with_its_line_and_how_to_fix_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(folder::ORDERS);
    let refusal = |text: &str| {
        std::fs::write(&path, text).unwrap();
        rows::<OrderRow>(&path).unwrap_err().to_string()
    };
    let header = "repetition,order,runtime,trial,makespan_ns\n";
    let error = refusal(&format!("{header}0,blocks,a,0,1\n0,blocks,a,many,1\n"));
    assert!(error.contains("orders.csv:3: "), "{error}");
    assert!(refusal(&format!("{header}0,blocks\n")).contains("orders.csv:2: "));
    let error = refusal(&format!("{header}0,blocks,a,0,1"));
    assert!(error.contains("orders.csv:2: its last row is cut off") && error.contains("kilotask aggregate"));
    let error = rows::<OrderRow>(Path::new("nowhere/x.csv")).unwrap_err().to_string();
    assert!(error.starts_with("reading nowhere/x.csv: "), "{error}");
    assert!(json_if_any::<u32>(Path::new("nowhere/x.json")).unwrap().is_none());
}

#[test]
fn a_run_without_its_tables_has_not_been_summarised() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(PLAN), "{}").unwrap();
    let error = rows::<OrderRow>(&dir.path().join(folder::FLAGS)).unwrap_err().to_string();
    assert!(error.contains("has no flags.csv; summarise the run first: kilotask aggregate "), "{error}");
}

#[test]
fn a_json_file_that_could_fill_the_memory_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(PLAN);
    File::create(&path).unwrap().set_len(MAX_JSON_BYTES + 1).unwrap();
    let error = json::<u32>(&path).unwrap_err().to_string();
    assert!(error.contains("it is larger than 64 MiB"), "{error}");
}

#[test]
fn a_text_that_a_terminal_would_obey_is_shown_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(folder::ENVIRONMENT);
    std::fs::write(&path, r#"{"kernel":"a\u001b[2J","limits":["\u202e"]}"#).unwrap();
    let shown = json::<Value>(&path).unwrap();
    assert_eq!(shown, serde_json::json!({"kernel": "a\\u{1b}[2J", "limits": ["\\u{202e}"]}));
    let error = refusal(|text| text.replace("b,,1", "b\u{1b},,1"));
    assert!(
        error.contains("trials.csv:3: reading a trial: column `cell`: it holds the character"),
        "{error}"
    );
    assert!(!error.contains('\u{1b}'), "{error}");
}

#[test]
fn what_is_no_regular_file_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(folder::TRIALS);
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    for error in [
        Rows::<TrialRow>::open(&path, RowKey::NONE).map(drop).unwrap_err(),
        rows::<TrialRow>(&path).map(drop).unwrap_err(),
        json::<u32>(&path).map(drop).unwrap_err(),
        json_if_any::<u32>(&path).map(drop).unwrap_err(),
        header(&path).map(drop).unwrap_err(),
    ] {
        let said = error.to_string();
        assert!(said.contains("trials.csv: it is a device, where a regular file must be"), "{said}");
    }
}
