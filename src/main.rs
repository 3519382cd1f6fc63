//! The `chartpin` command.

use std::process::ExitCode;

use chartpin::{cli, commands};
use clap::Parser as _;

/// Reading charts is mostly small allocations, and musl's own allocator, which the static builds would get, is slow at those.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run(&cli::Cli::parse())
}
