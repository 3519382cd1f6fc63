#![doc = include_str!("README.md")]

use crate::chart::ChartFile;
use crate::chart::{Chart, Layers, Need};
use crate::finding::Severity;
use crate::rule::{ChartReport, Check, Draft, Fixable, NoOptions, Options, OptionsError, Rule, schema_of};
use crate::source::Span;
use crate::yaml::{KeyPath, Step};

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "undefined-image-key",
    summary: "A template asks for an image key that the values lack",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each chart with templates, and each override laid over it",
    page: include_str!("README.md"),
    schema: schema_of::<NoOptions>,
    check,
};

fn check(options: &Options) -> Result<Check, OptionsError> {
    options.none()?;
    Ok(Check::chart(|chart, report| {
        let mut reported: Vec<Vec<Step>> = Vec::new();
        for (file, layers) in chart.layered() {
            for need in chart.unmet(&layers) {
                if !reported.contains(&need.path) && !is_of_convention(&need, &layers) && !is_global(&need) {
                    push(chart, file, &need, report);
                    reported.push(need.path);
                }
            }
        }
    }))
}

/// Whether the key is one of OpenStack-Helm's, which `missing-image-key` looks at.
fn is_of_convention(need: &Need, layers: &Layers<'_>) -> bool {
    let of_tags =
        matches!(need.path.as_slice(), [Step::Key(images), Step::Key(tags), _] if images == "images" && tags == "tags");
    of_tags && layers.get(&["images", "tags"]).is_some()
}

/// Whether a parent chart may supply the key.
fn is_global(need: &Need) -> bool {
    matches!(need.path.first(), Some(Step::Key(first)) if first == "global")
}

fn push(chart: &Chart, file: &ChartFile, need: &Need, report: &mut ChartReport<'_>) {
    let Some(reading) = chart.reading() else { return };
    let path = KeyPath(need.path.clone());
    let spot = reading.spot(need.field);
    let asked = match spot {
        Some((source, line)) => format!("{}:{}", source.path, source.line_of(line.start)),
        None => reading.template(need.field).0.path.to_string(),
    };
    let (span, label) = home(file, &need.path);
    let message = format!("`{asked}` asks for `{path}`, which the values lack: the pod would get no image");
    let mut draft = Draft::new(span, message).label(label).path(&path);
    if let Some((source, line)) = spot {
        draft = draft.elsewhere(&source.path, line, "it is asked for here");
    }
    report.push(
        file,
        draft.help(format!(
            "write `{path}` into the values, or take it out of the template"
        )),
    );
}

/// The innermost mapping on the way to a key that is there, by its key; the beginning of the file where none is.
fn home(file: &ChartFile, path: &[Step]) -> (Span, String) {
    let Some((tree, mut node)) = file.tree().and_then(|tree| Some((tree, tree.root()?))) else {
        return (Span::empty(0), String::new());
    };
    let mut span = Span::empty(0);
    let mut missing = String::new();
    for step in path {
        let Step::Key(key) = step else { break };
        missing.clone_from(key);
        match tree.entry(node, key) {
            Some(entry) => {
                span = tree.node(entry.key_node).span;
                node = entry.value;
            }
            None => break,
        }
    }
    (span, format!("`{missing}` is missing here"))
}
