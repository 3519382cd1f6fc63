//! The page of a rule is its documentation and its test: every example is run with that rule alone.
//!
//! A block ` ```yaml bad ` or ` ```yaml good ` is a small chart. It starts with its `values.yaml`; a line `#: PATH` starts another file.
//! Without a `Chart.yaml` of its own it gets a plain one. `CHARTPIN_BLESS=1` writes what the program prints into the pages.

use std::path::{Path, PathBuf};

use chartpin::rule::{Fixable, Rule};
use chartpin::rules;
use schemars::SchemaGenerator;

use crate::support::{Sandbox, blessing, repository, same_or_bless};

const CHART: &str = "apiVersion: v2\nname: example\nversion: 0.1.0\nappVersion: 1.0.0\n";

/// A fenced block of a page.
struct Block {
    info: String,
    body: String,
}

fn page_path(rule: &Rule) -> PathBuf {
    repository().join("rules").join(rule.id).join("README.md")
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.split_inclusive('\n') {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block {
                    info: info.trim().to_owned(),
                    body: String::new(),
                });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => block.body.push_str(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// Lays an example out as a chart.
fn chart_of(body: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let mut files: Vec<(String, String)> = vec![("values.yaml".to_owned(), String::new())];
    for line in body.split_inclusive('\n') {
        match line.strip_prefix("#: ") {
            Some(path) => files.push((path.trim().to_owned(), String::new())),
            None => files.last_mut().unwrap().1.push_str(line),
        }
    }
    if !files.iter().any(|(path, _)| path == "Chart.yaml") {
        sandbox.write("Chart.yaml", CHART);
    }
    for (path, text) in files {
        sandbox.write(&path, &text);
    }
    sandbox
}

/// What the program prints of an example, without the summary.
fn report_of(rule: &Rule, body: &str) -> String {
    let mut args = vec!["lint", "--color", "never"];
    let speaks_of_others = ["unused-ignore", "stale-baseline"].contains(&rule.id);
    if !speaks_of_others {
        args.extend(["--only", rule.id]);
    }
    let out = chart_of(body).run(&args);
    assert!(out.stderr.is_empty(), "{}: {}", rule.id, out.stderr);
    let (findings, _) = out.stdout.rsplit_once("\n\n").unwrap_or_default();
    findings.trim_end().to_owned() + "\n"
}

fn diff_of(rule: &Rule, body: &str) -> String {
    let unsafe_too = if rule.fixable == Fixable::Unsafe {
        "--unsafe"
    } else {
        "--diff"
    };
    let mut args = vec!["lint", "--only", rule.id, "--diff", unsafe_too];
    args.dedup();
    chart_of(body).run(&args).stdout
}

#[test]
fn every_example_of_every_page_does_what_the_page_says() {
    let mut wrong = Vec::new();
    for rule in rules::ALL {
        let path = page_path(rule);
        let page = std::fs::read_to_string(&path).unwrap();
        let mut blessed = page.clone();
        let mut bad = String::new();
        let (mut bads, mut goods, mut diffs) = (0, 0, 0);
        for block in blocks(&page) {
            let actual = match block.info.as_str() {
                "yaml bad" => {
                    bads += 1;
                    bad = block.body;
                    continue;
                }
                "yaml good" => {
                    goods += 1;
                    let report = report_of(rule, &block.body);
                    assert_eq!(
                        report.trim(),
                        "",
                        "{}: the good example has findings:\n{}",
                        rule.id,
                        block.body
                    );
                    continue;
                }
                "text" => report_of(rule, &bad),
                "diff" => {
                    diffs += 1;
                    diff_of(rule, &bad)
                }
                _ => continue,
            };
            assert!(
                actual.trim() != "",
                "{}: the bad example has no findings:\n{bad}",
                rule.id
            );
            if actual != block.body {
                let fence = |body: &str| format!("```{}\n{body}```\n", block.info);
                blessed = blessed.replacen(&fence(&block.body), &fence(&actual), 1);
                wrong.push(format!("{}:\n--- page\n{}--- program\n{actual}", rule.id, block.body));
            }
        }
        assert!(
            bads > 0 && goods > 0,
            "{}: a page has a bad and a good example",
            rule.id
        );
        assert_eq!(
            rule.fixable != Fixable::No,
            diffs > 0,
            "{}: a fix is shown as a diff, and only then",
            rule.id
        );
        if blessing() {
            std::fs::write(&path, blessed).unwrap();
        }
    }
    assert!(blessing() || wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn page_and_card_agree() {
    for rule in rules::ALL {
        let title = format!("# {}", rule.id);
        let mut expected = vec![title.as_str(), "## Why", "## Examples"];
        if has_options(rule) {
            expected.push("## Options");
        }
        let headings: Vec<&str> = rule
            .page
            .lines()
            .filter(|line| *line == title || line.starts_with("## "))
            .collect();
        assert_eq!(headings, expected, "{}", rule.id);
        let sentence = rule.page.lines().nth(2).unwrap_or_default();
        assert_eq!(sentence, format!("{}.", rule.summary), "{}", rule.id);
    }
}

/// Whether the rule's options type has a property.
fn has_options(rule: &Rule) -> bool {
    let mut generator = SchemaGenerator::default();
    let schema = (rule.schema)(&mut generator).to_value();
    let named = schema
        .get("$ref")
        .and_then(|reference| reference.as_str())
        .and_then(|reference| reference.rsplit('/').next());
    let schema = named.map_or(schema.clone(), |name| generator.definitions()[name].clone());
    schema.get("properties").is_some()
}

#[test]
fn every_folder_is_a_listed_rule_and_the_list_is_sorted() {
    let mut folders: Vec<String> = std::fs::read_dir(repository().join("rules"))
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let listed: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    assert_eq!(folders, listed);
    for rule in rules::ALL {
        let kebab = rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        assert!(kebab, "{}", rule.id);
        assert!(!rule.summary.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn the_index_of_rules_is_up_to_date() {
    let mut index = String::from(
        "# Rules\n\n| rule | severity | fix | since | looks at | finds |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for rule in rules::ALL {
        let severity = if rule.enabled {
            rule.severity.as_str().to_owned()
        } else {
            format!("{} (off)", rule.severity.as_str())
        };
        let id = rule.id;
        let line = format!(
            "| [{id}]({id}/README.md) | {severity} | {} | {} | {} | {} |\n",
            rule.fixable.as_str(),
            rule.since,
            rule.looks_at,
            rule.summary
        );
        index.push_str(&line);
    }
    same_or_bless(Path::new("rules/README.md"), &index);
}
