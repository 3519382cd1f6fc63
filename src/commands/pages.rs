//! `chartpin completions` and `chartpin man`: what is made of the command line's definition.

use super::folder::demand_target;
use super::terminal::{print, say};
use super::{CommandError, Ending};
use crate::cli::{CompletionsArgs, ManArgs, completions, man_pages};
use crate::report::counted;
use crate::suggest::nearest;
use crate::walk::slashed;
use crate::write;

pub(super) fn print_completions(args: &CompletionsArgs) -> Result<Ending, CommandError> {
    print(&completions(args.shell))?;
    Ok(Ending::Clean)
}

pub(super) fn man(args: &ManArgs) -> Result<Ending, CommandError> {
    let pages = man_pages()?;
    if let Some(folder) = &args.all {
        let shown = slashed(folder);
        demand_target(folder)?;
        for page in &pages {
            write::replace(&folder.join(&page.file), &page.text)?;
        }
        say(&format!(
            "chartpin: wrote {} to `{shown}`",
            counted(pages.len(), "page")
        ));
        return Ok(Ending::Clean);
    }
    let wanted = args.command.as_deref();
    let file = wanted.map_or_else(|| "chartpin.1".to_owned(), |command| format!("chartpin-{command}.1"));
    match pages.iter().find(|page| page.file == file) {
        Some(page) => print(&page.text)?,
        None => return Err(no_such_command(wanted.unwrap_or_default())),
    }
    Ok(Ending::Clean)
}

fn no_such_command(name: &str) -> CommandError {
    let pages = man_pages().unwrap_or_default();
    let names = pages
        .iter()
        .filter_map(|page| page.file.strip_prefix("chartpin-")?.strip_suffix(".1"));
    let help = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`chartpin --help` lists the commands".to_owned(),
    };
    CommandError::usage(format!("there is no command `{name}`"), Some(&help))
}
