//! Standard output and standard error: who writes there, and how.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write as _};

use super::CommandError;
use crate::cli::Color;
use crate::report::{ConfigProblem, Style, one_line, render_config_error};
use crate::walk::Problem;

/// The width where standard output is no terminal.
const PLAIN_WIDTH: usize = 100;

/// How standard output is written to.
pub(super) fn output_style(color: Color) -> Style {
    style(color, io::stdout().is_terminal())
}

fn style(color: Color, terminal: bool) -> Style {
    let columns = terminal.then(terminal_size::terminal_size).flatten();
    Style {
        color: is_colored(color, terminal, |name| env::var_os(name)),
        width: columns.map_or(PLAIN_WIDTH, |(width, _)| usize::from(width.0).clamp(60, 140)),
    }
}

/// Whether colours are wanted. Any value of `NO_COLOR` but the empty one says no (no-color.org), while `CLICOLOR_FORCE=0` asks for nothing.
fn is_colored(color: Color, terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let has = |name: &str| variable(name).filter(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            has("CLICOLOR_FORCE").is_some_and(|value| value != "0")
                || (terminal && has("NO_COLOR").is_none() && variable("TERM").is_none_or(|term| term != "dumb"))
        }
    }
}

/// A line that begins a part of what a command says, with an empty one before it.
pub(super) fn heading(text: &str, style: Style) -> String {
    if style.color {
        format!("\n\u{1b}[1m{text}\u{1b}[0m\n")
    } else {
        format!("\n{text}\n")
    }
}

/// Writes a report to standard output, whole. A reader who has seen enough, such as `head`, is no error, and changes nothing else of the run: what it
/// writes into files, and its exit code.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes one line to standard error, whatever the names in it hold; where that is gone, nobody is left to tell.
pub(super) fn say(line: &str) {
    say_lines(&one_line(line));
}

/// Writes lines to standard error that are safe for a terminal already.
pub(super) fn say_lines(lines: &str) {
    let _ = writeln!(io::stderr(), "{lines}");
}

pub(super) fn report_error(error: &CommandError, color: Color) {
    let style = style(color, io::stderr().is_terminal());
    match error {
        CommandError::Config { source_file, error } => {
            let problem = ConfigProblem {
                source: source_file,
                error,
            };
            say_lines(render_config_error(&problem, style).trim_end());
        }
        CommandError::Usage { message, help } => say_with_help(message, help.as_deref()),
        CommandError::Registry(error) => say_with_help(&error.to_string(), error.help().as_deref()),
        CommandError::Write(error) => say_with_help(&error.to_string(), error.help()),
        other => say(&format!("chartpin: {other}")),
    }
}

/// Names a path that could not be read.
pub(super) fn report_problem(problem: &Problem, shown: &str) {
    let shown = named_folder(shown.to_owned());
    say_with_help(&format!("`{shown}`: {}", problem.message), problem.help.as_deref());
}

/// A path as people see it, also where it is the working directory, which is nothing relative to itself.
pub(super) fn named_folder(shown: String) -> String {
    if shown.is_empty() { ".".to_owned() } else { shown }
}

/// Says what is wrong, and what to do.
pub(super) fn say_with_help(message: &str, help: Option<&str>) {
    say(&format!("chartpin: {message}"));
    if let Some(help) = help {
        say(&format!("  help: {help}"));
    }
}

/// How standard error is written to.
pub(super) fn error_style(color: Color) -> Style {
    style(color, io::stderr().is_terminal())
}

/// Whether somebody watches standard error: a terminal, and no CI job that keeps what is written there.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal() && env::var_os("CI").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables, whether there is a terminal, and whether there are colours.
    type Case<'a> = (&'a [(&'a str, &'a str)], bool, bool);

    #[test]
    fn colours_follow_the_variables_that_terminals_agree_on() {
        let cases: [Case<'_>; 9] = [
            (&[], true, true),
            (&[], false, false),
            (&[("NO_COLOR", "1")], true, false),
            (&[("NO_COLOR", "0")], true, false),
            (&[("NO_COLOR", "")], true, true),
            (&[("TERM", "dumb")], true, false),
            (&[("CLICOLOR_FORCE", "1")], false, true),
            (&[("CLICOLOR_FORCE", "0")], false, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true, true),
        ];
        for (variables, terminal, expected) in cases {
            let of = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(
                is_colored(Color::Auto, terminal, of),
                expected,
                "{variables:?} {terminal}"
            );
            assert!(is_colored(Color::Always, terminal, of) && !is_colored(Color::Never, terminal, of));
        }
    }
}
