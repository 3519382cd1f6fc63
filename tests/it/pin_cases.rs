//! The cases in `testdata/pins`: a chart, and the diff that pinning it prints, with what is said besides.

use std::path::{Path, PathBuf};

use crate::registry::Registry;
use crate::support::{Output, Sandbox, files_below, repository, same_or_bless};

/// The registries that the cases name.
const REGISTRIES: [&str; 5] = [
    "docker.io",
    "quay.io",
    "ghcr.io",
    "registry.k8s.io",
    "registry.example.com",
];

/// A registry that answers every question, and the flags that make it stand for all others.
pub(crate) fn answering(registries: &[&str]) -> (Registry, Vec<String>) {
    let registry = Registry::start();
    registry.answer_all();
    let host = registry.host();
    let flags = registries
        .iter()
        .flat_map(|name| ["--mirror".to_owned(), format!("{name}={host}/{name}")]);
    (registry, flags.collect())
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(repository().join("testdata/pins"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    cases
}

fn copy(case: &Path, sandbox: &Sandbox) {
    for file in files_below(&case.join("chart")) {
        let below = file.strip_prefix(case).unwrap();
        sandbox.write(below.to_str().unwrap(), std::fs::read(&file).unwrap());
    }
}

fn texts(sandbox: &Sandbox) -> Vec<(PathBuf, Vec<u8>)> {
    files_below(&sandbox.path().join("chart"))
        .into_iter()
        .map(|file| (file.clone(), std::fs::read(&file).unwrap()))
        .collect()
}

/// The flags of a case: one a line of its `flags` file.
fn flags(case: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(case.join("flags")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn pin(sandbox: &Sandbox, more: &[&str], flags: &[String], mirrors: &[String]) -> Output {
    let args = ["pin", "chart"].into_iter().chain(more.iter().copied());
    let args: Vec<&str> = args.chain(flags.iter().chain(mirrors).map(String::as_str)).collect();
    sandbox.run(&args)
}

#[test]
fn every_case_is_pinned_as_its_golden_says() {
    let (registry, mirrors) = answering(&REGISTRIES);
    assert!(!cases().is_empty());
    for case in cases() {
        let sandbox = Sandbox::new();
        copy(&case, &sandbox);
        let before = texts(&sandbox);
        let out = pin(&sandbox, &[], &flags(&case), &mirrors);
        assert_eq!(out.code, 0, "{}: {}", case.display(), out.stderr);
        assert_eq!(texts(&sandbox), before, "{}: written without --write", case.display());
        let golden = format!("{}\n{}", out.stdout, out.stderr).replace(&registry.host(), "HOST");
        same_or_bless(&case.strip_prefix(repository()).unwrap().join("pin.txt"), &golden);
    }
}

#[test]
fn every_case_is_written_as_the_diff_says_once_and_gives_its_bytes_back() {
    let (_registry, mirrors) = answering(&REGISTRIES);
    for case in cases() {
        let sandbox = Sandbox::new();
        copy(&case, &sandbox);
        let flags = flags(&case);
        let before = texts(&sandbox);
        let diff = pin(&sandbox, &["--format", "diff"], &flags, &mirrors).stdout;
        let out = pin(&sandbox, &["--write"], &flags, &mirrors);
        assert_eq!(out.code, 0, "{}", out.stderr);
        let after = texts(&sandbox);
        assert_eq!(before == after, diff.is_empty(), "{}", case.display());
        let again = pin(&sandbox, &["--write"], &flags, &mirrors);
        assert_eq!(
            (again.code, texts(&sandbox) == after),
            (0, true),
            "{}: not at rest",
            case.display()
        );
        let check = pin(&sandbox, &["--check"], &flags, &mirrors);
        assert_eq!((check.code, check.stdout.as_str()), (0, ""), "{}", case.display());
        if case.join("one-way").exists() {
            continue;
        }
        let back = sandbox.run(&["unpin", "chart", "--write"]);
        assert_eq!(back.code, 0, "{}", back.stderr);
        assert!(
            texts(&sandbox) == before,
            "{}: unpin does not give the bytes back",
            case.display()
        );
    }
}
