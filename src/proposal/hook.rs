//! The hook for pre-commit: which files it starts for, and where chartpin comes from.

use super::Place;

/// What the paths of files begin and end with that name images or say how; `.pre-commit-hooks.yaml` has the same.
const FILES: [&str; 8] = [
    r"Chart\.yaml",
    r"Chart\.lock",
    r"requirements\.(yaml|lock)",
    r"\.helmignore",
    r"[^/]*values[^/]*\.ya?ml",
    r"(values|values_overrides)/.+\.ya?ml",
    r"templates/.+\.(ya?ml|tpl|txt|json)",
    r"charts/[^/]+\.tgz",
];

/// The configuration of pre-commit with the hook alone.
#[must_use]
pub fn hook(place: &Place) -> String {
    format!("repos:\n{}", hook_entry(place))
}

/// The hook as an entry of `repos`. It takes the released wheel: a hook of the project's own repository is built from source, which asks everybody who
/// commits for Rust and minutes.
#[must_use]
pub fn hook_entry(place: &Place) -> String {
    let start = if place.folder.is_empty() {
        "(^|/)".to_owned()
    } else {
        format!("^{}/(.*/)?", literal(&place.folder))
    };
    let files = FILES.join("|\n            ");
    format!(
        r#"  - repo: local
    hooks:
      - id: chartpin-lint
        name: chartpin lint
        entry: chartpin lint --whole-charts
        args: [--]
        language: python
        files: |
          (?x){start}(
            {files}
          )$
        require_serial: true
        additional_dependencies: ["chartpin=={}"]
"#,
        env!("CARGO_PKG_VERSION")
    )
}

/// A regular expression of Python, with the flag `x`, that is true of `text` alone.
fn literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '/' | '_') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
