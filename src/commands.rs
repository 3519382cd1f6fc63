//! One function a command: the world goes in, the pure core works, the world gets the answer.
#![expect(
    clippy::disallowed_methods,
    reason = "the edge: environment, standard output and standard error"
)]

mod charts;
mod explain;
mod folder;
mod images;
mod init;
mod inputs;
mod lint;
mod lsp;
mod network;
mod pages;
mod pin;
mod progress;
mod render_check;
mod rendering;
mod reporting;
mod schema;
mod terminal;
mod unpin;
mod verify;
mod writing;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::config::ConfigError;
use crate::source::SourceFile;
use crate::write::WriteError;

/// How a run ended, the same for every command and format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings, or pins that are missing.
    Findings,
    /// Some image had no answer.
    Incomplete,
    /// Wrong usage or configuration, a path that cannot be read, or a bug.
    Trouble,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Clean => Self::SUCCESS,
            Ending::Findings => Self::from(1),
            Ending::Incomplete => Self::from(3),
            Ending::Trouble => Self::from(2),
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The configuration is wrong.
    #[error("{error}")]
    Config {
        /// The file.
        source_file: Box<SourceFile>,
        /// What is wrong.
        error: ConfigError,
    },
    /// Anything else that the user can mend.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// A file was not written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A report was not rendered.
    #[error(transparent)]
    Report(#[from] crate::report::ReportError),
    /// Registries cannot be asked.
    #[error(transparent)]
    Registry(#[from] crate::registry::RegistryError),
    /// Standard output cannot be written to.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
}

impl CommandError {
    fn usage(message: impl Into<String>, help: Option<&str>) -> Self {
        Self::Usage {
            message: message.into(),
            help: help.map(str::to_owned),
        }
    }
}

/// The stack of the threads that charts are read on, in bytes, reserved and not used: templates nest as deep as the parser and the calls of named
/// templates allow together.
const STACK: usize = 256 * 1024 * 1024;

/// Runs the command and says how it ended; what went wrong is on standard error.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    // A pool that is there already stays, and charts are read on its threads.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
    let ending = match &cli.command {
        Command::Lint(args) => lint::run(args, cli.color),
        Command::Pin(args) => pin::run(args, cli.color),
        Command::Unpin(args) => unpin::run(args, cli.color),
        Command::Verify(args) => verify::run(args, cli.color),
        Command::RenderCheck(args) => render_check::run(args),
        Command::Images(args) => images::run(args),
        Command::Lsp(args) => lsp::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Schema(args) => schema::run(args),
        Command::Init(args) => init::run(args, cli.color),
        Command::Completions(args) => pages::print_completions(args),
        Command::Man(args) => pages::man(args),
    };
    match ending {
        Ok(ending) => ending.into(),
        Err(error) => {
            terminal::report_error(&error, cli.color);
            Ending::Trouble.into()
        }
    }
}
