//! What is made of the command line's definition: completions for shells, and manual pages. The one home of `clap_complete` and
//! `clap_mangen`.

use std::io;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::Cli;

/// What a run's exit code says, as the manual page has it.
const EXIT_CODES: [(&str, &str); 4] = [
    (
        "0",
        "Nothing at or above --fail-on; everything that can be pinned is; every digest is as it should be.",
    ),
    (
        "1",
        "Findings; something would change; a digest that is not as it should be; another render.",
    ),
    (
        "2",
        "Wrong usage or configuration, a path that cannot be read, or a bug.",
    ),
    (
        "3",
        "Incomplete: a registry gave no answer, a file that may name images is no YAML, or Helm did not render or prove a chart.",
    ),
];

/// What is read besides the paths of the command line.
const FILES: [(&str, &str); 2] = [
    (
        ".chartpin.yaml",
        "The configuration: the nearest one from each path upward to the root of its repository.",
    ),
    ("chartpin.lock", "What registries said, for --lock and --locked."),
];

/// The variables that are read.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("NO_COLOR", "No colours, on a terminal, too."),
    ("CLICOLOR_FORCE", "Colours, also where there is no terminal."),
    (
        "DOCKER_CONFIG, REGISTRY_AUTH_FILE",
        "Where credentials for registries are looked for.",
    ),
    (
        "CHARTPIN_REGISTRY, CHARTPIN_USERNAME, CHARTPIN_PASSWORD",
        "Credentials for one registry.",
    ),
    (
        "CHARTPIN_CACHE_DIR",
        "Where the answers of registries are kept between runs.",
    ),
    (
        "SOURCE_DATE_EPOCH",
        "The time of a bill of materials, in seconds since 1970.",
    ),
];

/// A manual page.
#[derive(Debug)]
pub struct Page {
    /// The name of its file, such as `chartpin-lint.1`.
    pub file: String,
    /// Its text, in roff.
    pub text: String,
}

/// The script that completes commands, options and values in a shell.
#[must_use]
pub fn completions(shell: Shell) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "chartpin", &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// The manual pages: that of the program, then those of its commands in their order.
///
/// # Errors
/// When writing to memory fails, which it does not.
pub fn man_pages() -> io::Result<Vec<Page>> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut pages = vec![page(&program, &rest())?];
    for command in program.get_subcommands() {
        pages.push(page(command, "")?);
    }
    Ok(pages)
}

/// The page of a command, with more sections behind it.
fn page(command: &clap::Command, sections: &str) -> io::Result<Page> {
    let manual = Man::new(command.clone());
    let mut text = Vec::new();
    manual.render(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let file = manual.get_filename();
    // Without a date, the version would stand in its place.
    let name = file.trim_end_matches(".1");
    let title = concat!("\"\" \"chartpin ", env!("CARGO_PKG_VERSION"), "\" \"chartpin manual\"");
    let line = |line: &str| match line.strip_prefix(".TH ") {
        Some(_) => format!(".TH {name} 1 {title}\n"),
        None => format!("{line}\n"),
    };
    let text = text.lines().map(line).collect::<String>() + sections;
    Ok(Page { file, text })
}

/// The sections that the definition of the command line does not hold.
fn rest() -> String {
    let mut roff = Roff::default();
    let sections: [(&str, &[(&str, &str)]); 3] = [
        ("EXIT STATUS", &EXIT_CODES),
        ("FILES", &FILES),
        ("ENVIRONMENT", &ENVIRONMENT),
    ];
    for (title, entries) in sections {
        roff.control("SH", [title]);
        for (term, meaning) in entries {
            roff.control("TP", []);
            roff.text([bold(*term)]);
            roff.text([roman(*meaning)]);
        }
    }
    roff.to_roff()
}
