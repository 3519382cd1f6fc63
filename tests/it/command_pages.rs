//! Each command has a page: what it is for and its options are those of the command line's definition, the rest is written by hand.

use std::path::{Path, PathBuf};

use chartpin::cli::Cli;
use clap::{Arg, Command, CommandFactory as _};

use crate::support::{repository, same_or_bless};

const START: &str = "<!-- usage -->\n";
const END: &str = "<!-- /usage -->\n";

fn program() -> Command {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    program
}

fn page(command: &Command) -> PathBuf {
    Path::new("docs/commands").join(format!("{}.md", command.get_name()))
}

/// What the definition says of a command: how it is called, its arguments and options.
fn usage(command: &Command) -> String {
    let mut command = command.clone();
    let call = command.render_usage().to_string();
    let call = call.strip_prefix("Usage: ").unwrap();
    let mut out = format!("`{call}`\n");
    let shown = |arg: &&Arg| !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version");
    let arguments = |positional: bool| {
        command
            .get_arguments()
            .filter(move |arg| shown(arg) && arg.is_positional() == positional)
    };
    table(&mut out, "argument", arguments(true));
    table(&mut out, "option", arguments(false));
    out
}

fn table<'a>(out: &mut String, title: &str, arguments: impl Iterator<Item = &'a Arg>) {
    let rows: Vec<String> = arguments.map(row).collect();
    if !rows.is_empty() {
        out.push_str(&format!("\n| {title} | meaning |\n| --- | --- |\n{}", rows.concat()));
    }
}

fn row(argument: &Arg) -> String {
    let value = argument
        .get_action()
        .takes_values()
        .then(|| argument.get_value_names().map(|names| names.join(" ")))
        .flatten();
    let name = match (argument.get_long(), value) {
        (Some(long), Some(value)) => format!("--{long} {value}"),
        (Some(long), None) => format!("--{long}"),
        (None, value) => value.unwrap_or_else(|| argument.get_id().as_str().to_uppercase()),
    };
    let mut meaning = argument.get_help().unwrap().to_string();
    let values = argument.get_possible_values();
    if argument.get_action().takes_values() && !values.is_empty() {
        let said = values.iter().map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({help})", value.get_name()),
            None => format!("`{}`", value.get_name()),
        });
        meaning.push_str(&format!(": {}", said.collect::<Vec<_>>().join(", ")));
    }
    let defaults: Vec<String> = argument
        .get_default_values()
        .iter()
        .filter(|_| argument.get_action().takes_values())
        .map(|value| format!("`{}`", value.to_str().unwrap()))
        .collect();
    if !defaults.is_empty() {
        meaning.push_str(&format!(" [default: {}]", defaults.join(", ")));
    }
    format!("| `{name}` | {} |\n", meaning.replace('|', "\\|"))
}

#[test]
fn each_command_has_a_page_that_follows_its_definition() {
    for command in program().get_subcommands() {
        let path = page(command);
        let text = std::fs::read_to_string(repository().join(&path))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let head = format!(
            "# chartpin {}\n\n{}.\n",
            command.get_name(),
            command.get_about().unwrap()
        );
        let rest = text
            .split_once(END)
            .unwrap_or_else(|| panic!("{}: no {END}", path.display()))
            .1;
        let own = text
            .split_once(START)
            .unwrap_or_else(|| panic!("{}: no {START}", path.display()))
            .0;
        let own = own.splitn(4, '\n').nth(3).unwrap_or_default();
        same_or_bless(&path, &format!("{head}{own}{START}\n{}\n{END}{rest}", usage(command)));
        assert!(
            rest.contains("```console\n") && rest.contains("\n$ chartpin "),
            "{}: an example is run",
            path.display()
        );
    }
}

#[test]
fn the_list_of_commands_is_up_to_date() {
    let mut out = String::from("# Commands\n\n| command | for |\n| --- | --- |\n");
    for command in program().get_subcommands() {
        let name = command.get_name();
        out.push_str(&format!("| [{name}]({name}.md) | {} |\n", command.get_about().unwrap()));
    }
    out.push_str("\n`--color WHEN` and `--help` go with every command. [Exit codes](../../README.md#exit-codes) are the same for all.\n");
    same_or_bless(Path::new("docs/commands/README.md"), &out);
    let folder = std::fs::read_dir(repository().join("docs/commands")).unwrap();
    let mut pages: Vec<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut expected: Vec<String> = program()
        .get_subcommands()
        .map(|command| format!("{}.md", command.get_name()))
        .collect();
    expected.push("README.md".to_owned());
    expected.sort();
    pages.sort();
    assert_eq!(pages, expected);
}
