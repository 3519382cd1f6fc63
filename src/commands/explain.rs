//! `chartpin explain`: the page of a rule, or the list of rules.

use super::terminal::print;
use super::{CommandError, Ending};
use crate::cli::ExplainArgs;
use crate::rule::Rule;
use crate::rules;

pub(super) fn run(args: &ExplainArgs) -> Result<Ending, CommandError> {
    let page = args
        .rule
        .as_deref()
        .and_then(rules::find)
        .map(|rule| rule.page.to_owned());
    print(&page.unwrap_or_else(list))?;
    Ok(Ending::Clean)
}

fn list() -> String {
    let width = rules::ALL.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let line = |rule: &Rule| {
        let severity = if rule.enabled { rule.severity.as_str() } else { "off" };
        format!(
            "{:width$}  {severity:7}  {:6}  {}\n",
            rule.id,
            rule.fixable.as_str(),
            rule.summary
        )
    };
    let head = format!("{:width$}  {:7}  {:6}  {}\n", "RULE", "LEVEL", "FIX", "FINDS");
    head + &rules::ALL.iter().map(line).collect::<String>()
}
