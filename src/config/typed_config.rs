//! The configuration as written.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use crate::finding::Severity;

/// The configuration as written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a mapping of settings"
)]
#[schemars(title = "chartpin configuration")]
pub struct Config {
    /// Globs over paths, relative to this file, that are values files besides the usual ones.
    pub include: Vec<String>,
    /// Globs over paths, relative to this file, that are left alone.
    pub exclude: Vec<String>,
    /// The severity from which findings make the exit code 1.
    pub fail_on: Option<FailOn>,
    /// The baseline file, relative to this file.
    pub baseline: Option<String>,
    /// Severity and options of rules, by id.
    pub rules: BTreeMap<String, RuleSetting>,
    /// Shapes of images besides the built-in ones.
    pub idioms: Vec<IdiomSetting>,
    /// Other settings of rules for some paths; later ones win.
    pub overrides: Vec<Override>,
    /// How images are pinned, and which registries are asked.
    pub pin: PinConfig,
}

/// How images are pinned, and which registries are asked.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a mapping of settings"
)]
pub struct PinConfig {
    /// Globs over image names and key paths: these images alone.
    pub include: Vec<String>,
    /// Globs over image names and key paths: not these images.
    pub exclude: Vec<String>,
    /// What happens to images whose tag is the chart's `appVersion`.
    pub app_version: Option<AppVersion>,
    /// The manifest of this platform, not the index.
    pub platform: Option<String>,
    /// Where the images of a registry, or of a part of one, are looked for first: `docker.io: mirror.example.com/hub`.
    pub mirrors: BTreeMap<String, Mirrors>,
    /// Hosts that are spoken to without TLS.
    pub plain_http: Vec<String>,
    /// A file with certificates of authorities, in PEM, relative to this file.
    pub ca_file: Option<String>,
}

/// One mirror, or several in the order in which they are tried.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a mirror or a list of mirrors")]
pub enum Mirrors {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Mirrors {
    /// The mirrors in order.
    #[must_use]
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(mirror) => std::slice::from_ref(mirror),
            Self::Several(mirrors) => mirrors,
        }
    }
}

/// What happens to images whose tag is the chart's `appVersion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AppVersion {
    /// The version is written with its digest.
    Pin,
    /// They are left alone.
    Skip,
}

/// The severity from which findings make the exit code 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Any finding.
    Info,
    /// Warnings and errors.
    #[default]
    Warning,
    /// Errors.
    Error,
    /// No finding.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity fails the run.
    #[must_use]
    pub const fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Info => true,
            Self::Warning => !matches!(severity, Severity::Info),
            Self::Error => matches!(severity, Severity::Error),
            Self::Never => false,
        }
    }
}

/// The severity of a rule, or that it is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The rule does not run.
    Off,
    /// Its findings are taste.
    Info,
    /// Its findings are risks.
    Warning,
    /// Its findings break something.
    Error,
}

impl Level {
    pub(super) const fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// A rule's setting: a level alone, or a level and options.
#[derive(Debug, Clone, Default)]
pub struct RuleSetting {
    /// The severity; `None` leaves the rule's own, and turns on a rule that is off by default.
    pub severity: Option<Level>,
    /// The rule's options.
    pub options: serde_json::Map<String, serde_json::Value>,
}

impl<'de> Deserialize<'de> for RuleSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Setting;
        impl<'de> Visitor<'de> for Setting {
            type Value = RuleSetting;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a level (off, info, warning, error) or a mapping with `severity` and options")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RuleSetting, E> {
                let level = Level::deserialize(de::value::StrDeserializer::<E>::new(text))?;
                Ok(RuleSetting {
                    severity: Some(level),
                    options: serde_json::Map::new(),
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RuleSetting, A::Error> {
                let mut setting = RuleSetting::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "severity" {
                        setting.severity = Some(map.next_value()?);
                    } else {
                        setting.options.insert(key, map.next_value()?);
                    }
                }
                Ok(setting)
            }
        }
        deserializer.deserialize_any(Setting)
    }
}

impl JsonSchema for RuleSetting {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RuleSetting".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let level = generator.subschema_for::<Level>();
        json_schema!({ "anyOf": [level, { "type": "object", "properties": { "severity": level } }] })
    }
}

/// A shape of images besides the built-in ones.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `name`, `at` and keys")]
pub struct IdiomSetting {
    /// The name that reports show.
    pub name: String,
    /// A glob over dotted key paths: of mappings, or of scalars that hold whole references where no key is named below.
    pub at: String,
    /// The key of the registry.
    #[serde(default)]
    pub registry: Option<String>,
    /// The key of the repository.
    #[serde(default)]
    pub repository: Option<String>,
    /// The key of the tag.
    #[serde(default)]
    pub tag: Option<String>,
    /// The key of the digest.
    #[serde(default)]
    pub digest: Option<String>,
}

/// Other settings for some paths.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a mapping with `paths` and `rules`")]
pub struct Override {
    /// Globs over paths, relative to this file.
    pub paths: Vec<String>,
    /// Severity and options of rules, by id.
    pub rules: BTreeMap<String, RuleSetting>,
}
