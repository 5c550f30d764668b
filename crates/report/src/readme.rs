//! Blocks of README that come from a run: what stands between `<!-- kilotask:NAME -->` and `<!-- /kilotask -->`. All else
//! is written by hand.

use std::fmt::Write;

use crate::content::readme::{Finding, certainty, findings, thousand};
use crate::markdown::{escape, of_table};
use crate::run::Run;

const BEGIN: &str = "<!-- kilotask:";
const BEGIN_ENDS: &str = " -->";
const END: &str = "<!-- /kilotask -->";

/// The text with each block as the run has it: `thousand` (a table), `findings` (a list) and `certainty` (a sentence).
/// Caveats link to `page`.
///
/// # Errors
/// With the first block that has no end, that no run has, or of which this run has nothing; and where there is no block
/// at all.
pub fn with_blocks(text: &str, run: &Run, page: &str) -> Result<String, String> {
    let (mut written, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (line, after) = after.split_once('\n').unwrap_or((after, ""));
        let Some(name) = line.strip_suffix(BEGIN_ENDS) else {
            return Err(format!("the line \"{BEGIN}{line}\" does not end with \"{BEGIN_ENDS}\""));
        };
        rest = match after.split_once(END) {
            Some((inside, after)) if !inside.contains(BEGIN) => after,
            _ => return Err(format!("the block `{name}` has no line \"{END}\" after it")),
        };
        let block = block(run, name, page)?;
        let _ = write!(written, "{before}{BEGIN}{name}{BEGIN_ENDS}\n{block}{END}");
    }
    if written.is_empty() {
        return Err(format!("there is no line \"{BEGIN}NAME{BEGIN_ENDS}\""));
    }
    Ok(written + rest)
}

/// A block, in Markdown.
fn block(run: &Run, name: &str, page: &str) -> Result<String, String> {
    let block = match name {
        "thousand" => thousand(run, page).map(|table| of_table(&table)),
        "findings" => Some(findings(run)).filter(|all| !all.is_empty()).map(|all| of_list(&all)),
        "certainty" => certainty(run).map(|sentence| format!("{}\n", escape(&sentence))),
        _ => return Err(format!("there is no block `{name}`; there are thousand, findings and certainty")),
    };
    block.ok_or_else(|| format!("the run has nothing for the block `{name}`: take one that has it"))
}

fn of_list(all: &[Finding]) -> String {
    let line = |one: &Finding| format!("- **{}:** {}\n", escape(one.about), escape(&one.says));
    all.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    fn written(text: &str) -> Result<String, String> {
        with_blocks(text, fixture::reference(), "page")
    }

    #[test]
    fn what_stands_between_the_markers_is_replaced_and_nothing_else() {
        let text = "# Lab\n<!-- kilotask:certainty -->\nobsolete\n<!-- /kilotask -->\nmore\n\
                    <!-- kilotask:thousand -->\n<!-- /kilotask -->\n";
        let found = written(text).unwrap();
        assert!(
            found.starts_with("# Lab\n<!-- kilotask:certainty -->\nComparing a program with itself"),
            "{found}"
        );
        assert!(
            found.contains("\n<!-- /kilotask -->\nmore\n<!-- kilotask:thousand -->\n| runtime |"),
            "{found}"
        );
        assert!(found.contains("| [tokio†](page) | ") && !found.contains("obsolete"), "{found}");
        assert_eq!(written(&found).unwrap(), found);
    }

    #[test]
    fn a_block_that_cannot_be_written_is_named() {
        let refused = |text: &str, expected: &str| {
            let problem = written(text).unwrap_err();
            assert!(problem.contains(expected), "{problem}");
        };
        refused("# Lab\n", "there is no line \"<!-- kilotask:NAME -->\"");
        refused("<!-- kilotask:findings -->\n", "the block `findings` has no line");
        let swallowed = "<!-- kilotask:findings -->\n<!-- kilotask:certainty -->\n<!-- /kilotask -->\n";
        refused(swallowed, "the block `findings` has no line");
        refused("<!-- kilotask:weather -->\n<!-- /kilotask -->\n", "there is no block `weather`");
        refused("<!-- kilotask:findings\n-->\n<!-- /kilotask -->\n", "does not end with \" -->\"");
        let text = "<!-- kilotask:thousand -->\n<!-- /kilotask -->\n";
        let problem = with_blocks(text, &fixture::without_trials(), "page").unwrap_err();
        assert!(problem.contains("nothing for the block `thousand`"), "{problem}");
    }
}
