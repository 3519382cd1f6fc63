//! What `chartpin init` proposes: files for a repository whose images are known. Pure: a survey goes in, texts come out.

mod survey;

pub use survey::{Survey, remote_dependencies};

use std::fmt::Write as _;

use crate::baseline;

/// The hook for pre-commit, as a whole file.
pub const HOOK: &str = concat!(
    "repos:\n",
    "  - repo: ",
    env!("CARGO_PKG_REPOSITORY"),
    "\n    rev: v",
    env!("CARGO_PKG_VERSION"),
    "\n    hooks:\n",
    "      - id: chartpin-lint\n",
);

/// The workflow of GitHub Actions.
pub const WORKFLOW: &str = concat!(
    "name: chartpin\n\n",
    "on:\n",
    "  push:\n",
    "    branches: [main]\n",
    "  pull_request:\n\n",
    "permissions: {}\n\n",
    "jobs:\n",
    "  lint:\n",
    "    runs-on: ubuntu-latest\n",
    "    permissions:\n",
    "      contents: read\n",
    "    steps:\n",
    "      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0\n",
    "        with:\n",
    "          persist-credentials: false\n",
    "      - uses: chartpin/chartpin@v",
    env!("CARGO_PKG_VERSION"),
    " # better: the commit of this tag\n",
);

/// The command that writes today's findings down.
pub const WRITE_BASELINE: &str = "chartpin lint --baseline .chartpin-baseline.jsonl --write-baseline";

/// The configuration for what a survey found. A line that begins with `#` and no space is a setting that is not on yet.
#[must_use]
pub fn configuration(survey: &Survey) -> String {
    let mut out = format!(
        "# The configuration of chartpin: {}#configuration\n\
         # A line that begins with `#` and no space is a proposal, with the lines below it that are indented: take each `#` away to turn it on.\n",
        env!("CARGO_PKG_REPOSITORY")
    );
    exclude(survey, &mut out);
    out.push_str(
        "\n# The severity from which findings fail a run: info, warning, error, or never.\nfail-on: warning\n",
    );
    ratchet(survey, &mut out);
    rules(survey, &mut out);
    out
}

/// Charts that others wrote.
fn exclude(survey: &Survey, out: &mut String) {
    if survey.vendored.is_empty() {
        return;
    }
    out.push_str("\n# Charts of others, fetched as dependencies: what is wrong in them is mended where they come from.\nexclude:\n");
    for folder in &survey.vendored {
        push(out, format_args!("  - {}\n", quoted(&format!("{folder}/**"))));
    }
}

/// The findings that are there today.
fn ratchet(survey: &Survey, out: &mut String) {
    let old: usize = survey.findings.values().sum();
    if old == 0 {
        return;
    }
    push(
        out,
        format_args!(
            "\n# Report new findings alone. Before you turn this on, write the {old} of today down, and commit that file:\n\
             #   {WRITE_BASELINE}\n\
             #baseline: {}\n",
            baseline::FILE_NAME
        ),
    );
}

/// The rules that a repository has to decide on.
fn rules(survey: &Survey, out: &mut String) {
    out.push_str("\n# Severity and options of rules, by their ids; `chartpin explain` lists them.\n#rules:\n");
    if !survey.registries.is_empty() {
        out.push_str("#  # Images come from these registries today. With this, one from elsewhere is an error.\n");
        out.push_str("#  allowed-registries:\n#    registries:\n");
        for (registry, count) in Survey::by_count(&survey.registries) {
            let images = if count == 1 { "image" } else { "images" };
            push(
                out,
                format_args!("#      - name: {} # {count} {images}\n", quoted(registry)),
            );
        }
    }
    out.push_str("#  # Once `chartpin pin --write` has pinned the images: a new one has to come with its digest.\n");
    out.push_str("#  unpinned-image: error\n");
}

/// Adds to a text.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}

/// A text as a scalar of YAML: in quotes, with JSON's escapes, which YAML's are.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
