//! The `chartpin` command.

use std::process::ExitCode;

use chartpin::{cli, commands};
use clap::Parser as _;

fn main() -> ExitCode {
    commands::run(&cli::Cli::parse())
}
