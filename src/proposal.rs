//! What `chartpin init` proposes: files for a repository whose images are known. Pure: a survey goes in, texts come out.

mod hook;
mod presence;
mod survey;
mod workflow;

pub use hook::{hook, hook_entry};
pub use presence::{Presence, hook_in, step_in};
pub use survey::{Survey, remote_dependencies};
pub use workflow::workflow;

use std::fmt::Write as _;

use crate::baseline;
use crate::pattern::Pattern;
use crate::typed;

/// The folder that is set up, as its repository sees it.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The folder below the root of the repository, with `/` between its parts; empty for the root itself.
    pub folder: String,
    /// The branch that changes are merged into.
    pub branch: String,
}

impl Place {
    /// A command of chartpin over the folder, to be run at the root of the repository.
    #[must_use]
    pub fn command(&self, name: &str) -> String {
        if self.folder.is_empty() {
            format!("chartpin {name}")
        } else {
            format!("chartpin {name} {}", shell_word(&self.folder))
        }
    }

    /// The command that writes today's findings down, to be run at the root of the repository.
    #[must_use]
    pub fn write_baseline(&self) -> String {
        let file = if self.folder.is_empty() {
            baseline::FILE_NAME.to_owned()
        } else {
            shell_word(&format!("{}/{}", self.folder, baseline::FILE_NAME))
        };
        format!("{} --baseline {file} --write-baseline", self.command("lint"))
    }
}

/// The configuration for what a survey found. A line that begins with `#` and no space is a setting that is not on yet.
#[must_use]
pub fn configuration(survey: &Survey, place: &Place) -> String {
    let mut out = format!(
        "# The configuration of chartpin: {}#configuration\n\
         # A line that begins with `#` and no space is a proposal, with the lines below it that are indented: take each `#` away to turn it on.\n",
        env!("CARGO_PKG_REPOSITORY")
    );
    exclude(survey, &mut out);
    out.push_str(
        "\n# The severity from which findings fail a run: info, warning, error, or never.\nfail-on: warning\n",
    );
    ratchet(survey, place, &mut out);
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
        push(
            out,
            format_args!("  - {}\n", quoted(&format!("{}/**", Pattern::escaped(folder)))),
        );
    }
}

/// The findings that are there today.
fn ratchet(survey: &Survey, place: &Place, out: &mut String) {
    let old: usize = survey.findings.values().sum();
    if old == 0 {
        return;
    }
    push(
        out,
        format_args!(
            "\n# Report new findings alone. Before you turn this on, write the {old} of today down{}, and commit that file:\n\
             #   {}\n\
             #baseline: {}\n",
            if place.folder.is_empty() {
                ""
            } else {
                ", at the root of the repository"
            },
            place.write_baseline(),
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

/// A text as a scalar of YAML, in quotes where it would be something else without.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let is_text = typed::parse::<serde_json::Value>(text).is_ok_and(|value| value.is_string());
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_plain) && is_text {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A path as a word of a POSIX shell that is no option.
#[must_use]
pub fn shell_word(path: &str) -> String {
    let path = if path.starts_with('-') {
        format!("./{path}")
    } else {
        path.to_owned()
    };
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '/' | '-' | '+' | ',' | '@' | ':' | '%');
    if path.chars().all(is_plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

/// A text as a scalar of YAML: in quotes, with JSON's escapes, which YAML's are.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
