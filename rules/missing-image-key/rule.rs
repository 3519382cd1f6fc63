#![doc = include_str!("README.md")]

use crate::chart::{Chart, ChartFile, Layers};
use crate::finding::Severity;
use crate::rule::{ChartReport, Check, Draft, Fixable, Options, OptionsError, Rule, schema_of};
use crate::source::Span;
use crate::typed;
use crate::yaml::{KeyPath, Step};
use schemars::JsonSchema;
use serde::Deserialize;

/// The card.
pub(super) const RULE: Rule = Rule {
    id: "missing-image-key",
    summary: "An OpenStack-Helm chart turns on what needs an image that it does not name",
    severity: Severity::Error,
    enabled: true,
    fixable: Fixable::No,
    since: "0.1.0",
    looks_at: "each chart, and each override laid over it",
    page: include_str!("README.md"),
    schema: schema_of::<MissingImageKey>,
    check,
};

/// The data file.
const KEYS: &str = include_str!("keys.yaml");

/// Options of `missing-image-key`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct MissingImageKey {
    /// Which keys of `images.tags` are needed when; replaces the built-in list.
    keys: Option<Vec<Need>>,
}

/// One image that a chart needs under conditions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `any` and `when`")]
struct Need {
    /// The keys of `images.tags`, any of which will do; `{chart}` is the chart's name with `_` for `-`.
    any: Vec<String>,
    /// Dotted paths of toggles; one group of them must be all true.
    when: Vec<Vec<String>>,
    /// Dotted paths of toggles that replace the need where one is true.
    #[serde(default)]
    unless: Vec<String>,
    /// Another severity, for a need that the values alone do not prove.
    #[serde(default)]
    severity: Option<Severity>,
}

fn check(options: &Options) -> Result<Check, OptionsError> {
    let options: MissingImageKey = options.read()?;
    let is_own_list = options.keys.is_some();
    let needs: Vec<Need> = match options.keys {
        Some(keys) => keys,
        None => typed::parse(KEYS).map_err(|error| OptionsError(error.to_string()))?,
    };
    Ok(Check::chart(move |chart, report| {
        let mut reported: Vec<usize> = Vec::new();
        let mut asked: Vec<String> = Vec::new();
        for (file, layers) in chart.layered() {
            if layers.get(&["images", "tags"]).is_none() {
                continue;
            }
            if chart.is_told() && !is_own_list {
                ask_templates(chart, file, &layers, &mut asked, report);
                continue;
            }
            for (index, need) in needs.iter().enumerate() {
                if !reported.contains(&index) && need.is_missing(chart, &layers) {
                    need.report(chart, file, &layers, report);
                    if Some(file.role) == chart.defaults().map(|(file, _)| file.role) {
                        reported.push(index);
                    }
                }
            }
        }
    }))
}

/// Reports the keys that templates ask for, where values turn on what asks.
fn ask_templates(
    chart: &Chart,
    file: &ChartFile,
    layers: &Layers<'_>,
    asked: &mut Vec<String>,
    report: &mut ChartReport<'_>,
) {
    let Some(reading) = chart.reading() else { return };
    for need in chart.unmet(layers) {
        let [Step::Key(images), Step::Key(tags), Step::Key(key)] = need.path.as_slice() else {
            continue;
        };
        if images != "images" || tags != "tags" || asked.contains(key) {
            continue;
        }
        asked.push(key.clone());
        let place_of = |path: &[&str]| {
            let value = layers.get(path).filter(|value| value.layer == 0)?;
            Some(value.tree.node(value.node).span)
        };
        let place_of_switch = |steps: &[Step]| {
            let key = |step: &'_ Step| match step {
                Step::Key(key) => Some(key.clone()),
                Step::Item(_) | Step::Embedded => None,
            };
            let keys: Vec<String> = steps.iter().map(key).collect::<Option<_>>()?;
            place_of(&keys.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let found = |steps: &Vec<Step>| Some((KeyPath(steps.clone()).to_string(), place_of_switch(steps)?));
        let (switch, place) = need.switches.iter().find_map(found).unzip();
        // Where an override turns something on in another way, its beginning has to do.
        let span = place
            .or_else(|| place_of(&["images", "tags"]))
            .unwrap_or_else(|| Span::empty(0));
        let switch = switch.as_deref();
        let reason = switch.map_or_else(|| "the chart".to_owned(), |switch| format!("`{switch}`"));
        let help = switch.map_or_else(String::new, |switch| format!(", or set `{switch}: false`"));
        let on = if switch.is_some() { "is on" } else { "asks for it" };
        let mut draft = Draft::new(
            span,
            format!("{reason} {on}, but `images.tags` has no `{key}`: the pod would get an empty image"),
        )
        .label(format!("needs `{key}`"))
        .help(format!("add `{key}` to `images.tags`{help}"))
        .path(switch.unwrap_or("images.tags"));
        if let Some((source, line)) = reading.spot(need.field) {
            draft = draft.elsewhere(&source.path, line, "the template that needs it");
        }
        report.push(file, draft);
    }
}

impl Need {
    fn names(&self, chart: &Chart) -> Vec<String> {
        let name = chart.name.as_deref().unwrap_or_default().replace('-', "_");
        self.any.iter().map(|key| key.replace("{chart}", &name)).collect()
    }

    fn active<'a>(&'a self, layers: &Layers<'_>) -> Option<&'a [String]> {
        let off = self.unless.iter().any(|toggle| layers.is_true(toggle));
        let on = |group: &&Vec<String>| group.iter().all(|toggle| layers.is_true(toggle));
        self.when.iter().find(on).filter(|_| !off).map(Vec::as_slice)
    }

    fn is_missing(&self, chart: &Chart, layers: &Layers<'_>) -> bool {
        if self.active(layers).is_none() {
            return false;
        }
        let known = layers.keys(&["images", "tags"]);
        !self.names(chart).iter().any(|name| known.contains(&name.as_str()))
    }

    fn report(&self, chart: &Chart, file: &ChartFile, layers: &Layers<'_>, report: &mut ChartReport<'_>) {
        let Some(toggle) = self.active(layers).and_then(<[String]>::first) else {
            return;
        };
        let names = self.names(chart);
        let Some(name) = names.first() else { return };
        let place_of = |path: &[&str]| {
            let value = layers.get(path).filter(|value| value.layer == 0)?;
            Some(value.tree.node(value.node).span)
        };
        let toggle_path: Vec<&str> = toggle.split('.').collect();
        let Some(place) = place_of(&toggle_path).or_else(|| place_of(&["images", "tags"])) else {
            return;
        };
        let either = names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(" or ");
        let draft = Draft::new(
            place,
            format!("`{toggle}` is on, but `images.tags` has no {either}: the pod would get an empty image"),
        );
        let help = format!("add `{name}` to `images.tags`, or set `{toggle}: false`");
        let draft = draft.label(format!("needs {either}")).help(help).path(toggle);
        report.push(
            file,
            match self.severity {
                Some(severity) => draft.severity(severity),
                None => draft,
            },
        );
    }
}
