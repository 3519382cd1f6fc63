//! What stands in fences on the pages is true: sessions are run, YAML, JSON and diffs are read by their readers, commands are understood.
//!
//! A block ` ```console ` is a session: each line `$ COMMAND` is run by a shell in a copy of `testdata/docs`, one copy a page, and what it prints, on
//! both streams, has to stand below it; `CHARTPIN_BLESS=1` writes it there. A block ` ```console network ` or ` ```console helm ` needs more than this
//! machine and is read alone; `yaml gitlab` is a pipeline and no configuration. `text` is for what no block can run; `SHOWN` counts such blocks.

use std::path::{Path, PathBuf};

use chartpin::cli::Cli;
use chartpin::config::{RuleFlags, Settings};
use clap::{CommandFactory as _, Parser as _};

use crate::support::{Sandbox, blessing, command_of, files_below, repository, same_or_bless};

/// The blocks that show what cannot be run or read here: what registries and Helm make `pin` print, Groovy, and the languages of editors.
const UNREAD: [&str; 4] = ["text", "groovy", "lua", "rust"];

/// How many of those each page has.
const SHOWN: [(&str, usize); 4] = [
    ("README.md", 1),
    ("docs/editors.md", 2),
    ("docs/pinning.md", 4),
    ("docs/pipelines.md", 1),
];

/// The top keys of a configuration, by which one is told from other YAML.
const CONFIGURATION: [&str; 8] = [
    "include:",
    "exclude:",
    "fail-on:",
    "baseline:",
    "rules:",
    "idioms:",
    "overrides:",
    "pin:",
];

/// A piece of code on a page.
struct Block {
    /// What stands behind the opening fence; empty for indented code.
    info: String,
    body: String,
    line: usize,
}

/// The pages, relative to the repository.
fn pages() -> Vec<PathBuf> {
    let docs = files_below(&repository().join("docs"));
    let pages = docs
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let mut pages: Vec<PathBuf> = pages
        .map(|path| path.strip_prefix(repository()).unwrap().to_owned())
        .collect();
    pages.push(PathBuf::from("README.md"));
    pages
}

fn text_of(page: &Path) -> String {
    std::fs::read_to_string(repository().join(page)).unwrap()
}

/// The fenced blocks and the indented lines of a page.
fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => block.body.push_str(line),
            (None, Some(info)) => {
                open = Some(Block {
                    info: info.trim().to_owned(),
                    body: String::new(),
                    line: index + 1,
                });
            }
            (None, None) if line.starts_with("    ") => found.push(Block {
                info: String::new(),
                body: line.trim_start().to_owned(),
                line: index + 1,
            }),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// A copy of the material for sessions, and of the charts of `testdata` where a page names these.
fn material() -> Sandbox {
    let sandbox = Sandbox::new();
    let testdata = repository().join("testdata");
    for (from, to) in [("docs", ""), ("charts", "testdata/charts/")] {
        let root = testdata.join(from);
        for path in files_below(&root) {
            let below = path.strip_prefix(&root).unwrap().to_str().unwrap();
            sandbox.write(&format!("{to}{below}"), std::fs::read(&path).unwrap());
        }
    }
    sandbox.write(".gitignore", "/testdata/\n");
    sandbox
}

/// A session as it goes today.
fn session(sandbox: &Sandbox, body: &str) -> String {
    let binaries = Path::new(env!("CARGO_BIN_EXE_chartpin")).parent().unwrap();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(binaries.to_owned()).chain(std::env::split_paths(&others));
    let path = std::env::join_paths(folders).unwrap();
    let mut out = String::new();
    for line in body.lines() {
        let Some(typed) = line.strip_prefix("$ ") else { continue };
        let mut shell = command_of(Path::new("sh"), sandbox.path());
        let run = shell
            .args(["-c", &format!("exec 2>&1; {typed}")])
            .env("PATH", &path)
            .output()
            .unwrap();
        let printed = String::from_utf8(run.stdout).unwrap();
        let folder = sandbox.path().to_str().unwrap();
        out.push_str(&format!("{line}\n{}", printed.replace(folder, "/home/you/shop")));
    }
    out
}

#[test]
fn every_session_goes_as_the_page_says() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = text_of(&page);
        let mut blessed = text.clone();
        let sandbox = material();
        for block in blocks(&text).iter().filter(|block| block.info == "console") {
            let actual = session(&sandbox, &block.body);
            assert!(!actual.is_empty(), "{}:{}: nothing is run", page.display(), block.line);
            if actual != block.body {
                let fence = |body: &str| format!("```console\n{body}```\n");
                blessed = blessed.replacen(&fence(&block.body), &fence(&actual), 1);
                wrong.push(format!("{}:{}:\n{actual}", page.display(), block.line));
            }
        }
        if blessing() {
            same_or_bless(&page, &blessed);
        }
    }
    assert!(blessing() || wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The commands of chartpin in a piece of code, each as words.
fn commands(body: &str) -> Vec<Vec<String>> {
    let names: Vec<String> = Cli::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    let mut found = Vec::new();
    for line in body.replace("\\\n", " ").lines() {
        for (at, _) in line.match_indices("chartpin ") {
            let before = line[..at].chars().next_back();
            let words = words(&line[at..]);
            let is_command = words.get(1).is_some_and(|word| names.contains(word));
            if is_command && before.is_none_or(|c| matches!(c, ' ' | '\'' | '"' | '(')) {
                found.push(words);
            }
        }
    }
    found
}

/// The words of one command, up to a comment, another command or a redirection.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote): (Option<String>, Option<char>) = (None, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '|' | '<' | '>' | ';' | '&' | ')' | '`') => break,
            (None, '#') if word.is_none() => break,
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn every_command_on_the_pages_is_understood() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        for block in blocks(&text_of(&page)) {
            if block.info == "text" {
                continue;
            }
            for words in commands(&block.body) {
                count += 1;
                if let Err(error) = Cli::try_parse_from(&words)
                    && error.use_stderr()
                {
                    wrong.push(format!("{}:{}: {words:?}: {error}", page.display(), block.line));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 50, "the commands are found: {count}");
}

/// Why a block is not what it says it is.
fn misread(block: &Block) -> Option<String> {
    let body = &block.body;
    match block.info.as_str() {
        "yaml gitlab" => chartpin::yaml::read(&body.as_str().into())
            .err()
            .map(|error| error.to_string()),
        "yaml" => {
            let first = body.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
            if CONFIGURATION.iter().any(|key| first.starts_with(key)) {
                return Settings::read(body, &RuleFlags::default())
                    .err()
                    .map(|error| error.to_string());
            }
            chartpin::yaml::read(&body.as_str().into())
                .err()
                .map(|error| error.to_string())
        }
        "json" => {
            let whole = if body.starts_with(['{', '[']) {
                body.clone()
            } else {
                format!("{{{body}}}")
            };
            serde_json::from_str::<serde_json::Value>(&whole)
                .err()
                .map(|error| error.to_string())
        }
        "diff" => {
            let line = body
                .lines()
                .find(|line| !line.is_empty() && !line.starts_with([' ', '+', '-', '@']));
            line.map(|line| format!("no line of a diff: {line}"))
        }
        "toml" => toml::from_str::<toml::Table>(body).err().map(|error| error.to_string()),
        "sh" => {
            let mut shell = std::process::Command::new("sh");
            let read = shell.args(["-n", "-c", body]).output().unwrap();
            (!read.status.success()).then(|| String::from_utf8_lossy(&read.stderr).into_owned())
        }
        "console" | "console network" | "console helm" | "" => None,
        unread if UNREAD.contains(&unread) => None,
        other => Some(format!("nothing reads `{other}`")),
    }
}

#[test]
fn every_block_on_the_pages_is_what_it_says_it_is() {
    let mut wrong = Vec::new();
    for page in pages() {
        let blocks = blocks(&text_of(&page));
        for block in &blocks {
            if let Some(error) = misread(block) {
                wrong.push(format!("{}:{}: {error}", page.display(), block.line));
            }
        }
        let shown = blocks.iter().filter(|block| UNREAD.contains(&block.info.as_str()));
        let known = SHOWN
            .iter()
            .find(|(path, _)| Path::new(path) == page)
            .map_or(0, |(_, count)| *count);
        let count = shown.count();
        if count != known {
            wrong.push(format!("{}: {count} blocks are not run, not {known}", page.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
