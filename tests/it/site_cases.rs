//! The shapes of charts: each folder of `testdata/sites` is a chart, its `images.tsv` what `chartpin images` finds in it.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{command, repository, same_or_bless};

/// One line a site: place, key path, idiom, state, parts, reference, line of the tag; `-` for null.
fn table(report: &Value) -> String {
    let mut out = String::new();
    for image in report["images"].as_array().unwrap() {
        let text = |key: &str| image[key].as_str().unwrap_or("-").to_owned();
        let tag_line = image["tag_line"]
            .as_u64()
            .map_or("-".to_owned(), |line| line.to_string());
        let place = format!("{}:{}:{}", text("file"), image["line"], image["column"]);
        let columns = [
            "path",
            "idiom",
            "state",
            "registry",
            "repository",
            "tag",
            "digest",
            "reference",
        ]
        .map(text);
        writeln!(out, "{place}\t{}\t{tag_line}", columns.join("\t")).unwrap();
    }
    out
}

#[test]
fn every_shape_is_found_as_its_case_says() {
    let root = repository().join("testdata/sites");
    let mut cases: Vec<_> = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 38, "{}", cases.len());
    for case in cases {
        let mut args = vec!["images", "--format", "json"];
        if !case.join(".chartpin.yaml").exists() {
            args.push("--no-config");
        }
        let out = command(&case).args(args).output().unwrap();
        assert!(
            out.status.success(),
            "{}: {}",
            case.display(),
            String::from_utf8_lossy(&out.stderr)
        );
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(report["version"], 1);
        let golden = case.strip_prefix(repository()).unwrap().join("images.tsv");
        same_or_bless(&golden, &table(&report));
    }
}
