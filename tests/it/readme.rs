//! The README shows what the program prints, lists the rules there are, and gives a configuration that works.

use std::path::Path;

use chartpin::config::{RuleFlags, Settings};
use chartpin::rules;

use crate::support::{command, repository, same_or_bless};

/// The text with what stands behind `marker` up to the next `end` replaced.
fn replaced(text: &str, marker: &str, end: &str, new: &str) -> String {
    let start = text.find(marker).unwrap() + marker.len();
    let stop = start + text[start..].find(end).unwrap();
    format!("{}{new}{}", &text[..start], &text[stop..])
}

#[test]
fn the_readme_is_up_to_date() {
    let text = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let line = text.lines().find(|line| line.starts_with("    cargo run")).unwrap();
    let args: Vec<&str> = line.split(" -- ").nth(1).unwrap().split(' ').collect();
    let out = command(repository()).args(args).output().unwrap();
    assert_eq!(out.status.code(), Some(0));
    let example = format!("\n```text\n{}", String::from_utf8(out.stdout).unwrap());
    let mut table = String::from("\n| rule | severity | fix | finds |\n| --- | --- | --- | --- |\n");
    for rule in rules::ALL {
        let severity = if rule.enabled { rule.severity.as_str() } else { "off" };
        table.push_str(&format!(
            "| [{id}](rules/{id}/README.md) | {severity} | {} | {} |\n",
            rule.fixable.as_str(),
            rule.summary,
            id = rule.id
        ));
    }
    let text = replaced(&text, "<!-- example -->", "```\n\nThe second", &example);
    let text = replaced(&text, "<!-- rules -->", "\nEach rule has a page", &table);
    same_or_bless(Path::new("README.md"), &text);
}

#[test]
fn the_configuration_in_the_readme_works() {
    let text = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let config = text
        .split("```yaml\nexclude:")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let config = format!("exclude:{config}");
    let settings = Settings::read(&config, &RuleFlags::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(settings.idioms.len(), 1);
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(repository().join("schemas/config.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: serde_json::Value = chartpin::typed::parse(&config).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, [] as [String; 0]);
}

#[test]
fn every_path_that_the_pages_for_contributors_name_is_there() {
    let roots = [
        "src/",
        "tests/",
        "testdata/",
        "docs/",
        "rules/",
        "bench/",
        "packaging/",
        "schemas/",
    ];
    let mut missing = Vec::new();
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = std::fs::read_to_string(repository().join(page)).unwrap();
        let words = text.split(|c: char| c.is_whitespace() || "`()[],;#".contains(c));
        let words = words.map(|word| word.trim_end_matches(['.', ':']));
        let paths = words.filter(|word| roots.iter().any(|root| word.starts_with(root)) && !word.contains(['<', '*']));
        missing.extend(
            paths
                .filter(|path| !repository().join(path).exists())
                .map(|path| format!("{page}: {path}")),
        );
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
