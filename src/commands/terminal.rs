//! Standard output and standard error: who writes there, and how.

use std::env;
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
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            set("CLICOLOR_FORCE")
                || (terminal && !set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb"))
        }
    };
    let columns = terminal.then(terminal_size::terminal_size).flatten();
    Style {
        color,
        width: columns.map_or(PLAIN_WIDTH, |(width, _)| usize::from(width.0).clamp(60, 140)),
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
