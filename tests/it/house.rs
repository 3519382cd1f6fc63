//! The plan of the house: a module uses only lower ranks, and each dependency has one home.

use std::collections::BTreeMap;

use crate::support::{files_below, repository};

/// The modules of the crate by rank; the edge may use everything.
const RANKS: &[(&str, u32)] = &[
    ("source", 0),
    ("pattern", 0),
    ("guard", 0),
    ("suggest", 0),
    ("system", 0),
    ("typed", 0),
    ("yaml", 1),
    ("reference", 1),
    ("site", 2),
    ("resolution", 2),
    ("template", 2),
    ("rendered", 2),
    ("edit", 3),
    ("floating", 3),
    ("lock", 3),
    ("chart", 3),
    ("finding", 4),
    ("pin", 4),
    ("rule", 5),
    ("rules", 6),
    ("suppress", 7),
    ("baseline", 7),
    ("lint", 8),
    ("mend", 8),
    ("config", 9),
    ("report", 10),
    ("write", 10),
    ("program", 10),
    ("proposal", 11),
    ("walk", 11),
    ("registry", 11),
    ("helm", 11),
    ("cli", 11),
    ("lsp", 12),
    ("commands", 13),
];

/// Where each dependency may be named. Serde and its JSON are everybody's, and so are the derives of errors and schemas.
const HOMES: &[(&str, &[&str])] = &[
    ("base64", &["registry", "report"]),
    ("clap", &["cli", "main"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("csv", &["report"]),
    ("etcetera", &["commands"]),
    ("fastrand", &["registry"]),
    ("flate2", &["walk"]),
    ("futures_util", &["registry"]),
    ("gen_lsp_types", &["lsp"]),
    ("globset", &["pattern"]),
    ("gotmpl", &["template"]),
    ("granit_parser", &["yaml"]),
    ("ignore", &["walk"]),
    ("indicatif", &["commands"]),
    ("jiff", &["commands", "registry"]),
    ("miette", &["report"]),
    ("memchr", &["lsp"]),
    ("mimalloc", &["main"]),
    ("quick_junit", &["report"]),
    ("rayon", &["commands"]),
    ("reqwest", &["registry"]),
    ("rustix", &["helm", "lsp"]),
    ("rustls", &["registry"]),
    ("saphyr", &["yaml"]),
    ("serde_sarif", &["report"]),
    ("serde_yaml", &["typed"]),
    ("sha2", &["registry", "report"]),
    ("similar", &["report"]),
    ("strsim", &["suggest"]),
    ("tar", &["walk"]),
    ("tempfile", &["helm", "write"]),
    ("terminal_size", &["commands"]),
    ("tokio", &["registry"]),
    ("url", &["lsp"]),
];

/// Dependencies that are everybody's.
const SHARED: &[&str] = &["serde", "serde_json", "thiserror", "schemars"];

/// The sources with the module that each belongs to.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in files_below(&repository().join("src")) {
        let below = path.strip_prefix(repository().join("src")).unwrap();
        let first = below.iter().next().unwrap().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first).to_owned();
        let is_test = path.ends_with("tests.rs");
        if is_test {
            continue;
        }
        found.push((module, std::fs::read_to_string(&path).unwrap()));
    }
    for path in files_below(&repository().join("rules")) {
        if path.ends_with("rule.rs") {
            found.push(("rules".to_owned(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// The code of a text: everything that is no comment, and no tests at its end.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    text[..end]
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
}

/// The words that follow `marker` in a line.
fn names_after<'a>(line: &'a str, marker: &str) -> Vec<&'a str> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let mut found = Vec::new();
    for (at, _) in line.match_indices(marker) {
        let rest = &line[at + marker.len()..];
        let whole = !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        if whole {
            found.push(&rest[..rest.find(ends).unwrap_or(rest.len())]);
        }
    }
    found
}

#[test]
fn no_module_uses_a_higher_rank() {
    let ranks: BTreeMap<&str, u32> = RANKS.iter().copied().collect();
    let mut arrows = Vec::new();
    for (module, text) in sources() {
        if module == "main" || module == "lib" {
            continue;
        }
        let own = ranks
            .get(module.as_str())
            .unwrap_or_else(|| panic!("`{module}` has no rank"));
        for line in code(&text) {
            for used in names_after(line, "crate::") {
                let rank = ranks
                    .get(used)
                    .unwrap_or_else(|| panic!("`{module}` uses `{used}`, which has no rank: {line}"));
                if rank > own || (rank == own && used != module) {
                    arrows.push(format!("{module} ({own}) -> {used} ({rank}): {line}"));
                }
            }
        }
    }
    assert!(arrows.is_empty(), "{}", arrows.join("\n"));
}

#[test]
fn each_dependency_is_named_in_its_home_alone() {
    let mut strays = Vec::new();
    for (module, text) in sources() {
        for line in code(&text) {
            for (dependency, homes) in HOMES {
                let named = line.contains(&format!("{dependency}::")) && !line.contains(&format!("_{dependency}::"));
                if named && !homes.contains(&module.as_str()) {
                    strays.push(format!("{module} names {dependency}: {line}"));
                }
            }
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

#[test]
fn every_dependency_has_a_home() {
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let section = manifest
        .split("[dependencies]\n")
        .nth(1)
        .unwrap()
        .split("\n[")
        .next()
        .unwrap();
    for line in section.lines().filter(|line| line.contains('=')) {
        let name = line.split('=').next().unwrap().trim().replace('-', "_");
        let known = SHARED.contains(&name.as_str()) || HOMES.iter().any(|(dependency, _)| *dependency == name);
        assert!(known, "`{name}` has no home");
    }
}

#[test]
fn every_source_file_says_what_it_holds() {
    let files = files_below(&repository().join("src"))
        .into_iter()
        .chain(files_below(&repository().join("rules")));
    for path in files.filter(|path| path.extension().is_some_and(|ending| ending == "rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let opens = text.starts_with("//! ") || text.starts_with("#![doc = include_str!");
        assert!(opens, "{}", path.display());
    }
}
