//! `.chartpin.yaml`: typed, its errors with the line that is wrong, and the settings that a run makes of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use crate::finding::Severity;
use crate::lint::{ActiveRule, RuleSet};
use crate::pattern::{Pattern, PatternError};
use crate::rule::{Options, Rule, Stamp};
use crate::rules;
use crate::site::{KeyIdiom, Role};
use crate::source::{Span, floor_boundary};
use crate::suggest::nearest;
use crate::typed;
use crate::yaml::{NodeId, Tree, read};

/// The name of the configuration file.
pub const FILE_NAME: &str = ".chartpin.yaml";

/// The configuration as written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
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
}

/// The severity from which findings make the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Any finding.
    Info,
    /// Warnings and errors.
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
    const fn severity(self) -> Option<Severity> {
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
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Globs over paths, relative to this file.
    pub paths: Vec<String>,
    /// Severity and options of rules, by id.
    pub rules: BTreeMap<String, RuleSetting>,
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong, in one line.
    pub message: String,
    /// Where, in bytes of the file.
    pub span: Span,
    /// What to do.
    pub help: Option<String>,
}

/// What a run makes of a configuration and the command line.
pub struct Settings {
    /// Globs over paths relative to the configuration's folder: further values files.
    pub include: Vec<Pattern>,
    /// Globs over paths relative to the configuration's folder: left alone.
    pub exclude: Vec<Pattern>,
    /// The severity from which findings make the exit code 1.
    pub fail_on: FailOn,
    /// The baseline file, as written.
    pub baseline: Option<String>,
    /// Shapes of images besides the built-in ones.
    pub idioms: Vec<KeyIdiom>,
    rules: BTreeMap<String, RuleSetting>,
    only: Vec<String>,
    overrides: Vec<(Vec<Pattern>, BTreeMap<String, RuleSetting>)>,
    sets: Mutex<HashMap<Vec<usize>, Arc<RuleSet>>>,
}

/// What the command line says of rules.
#[derive(Debug, Clone, Default)]
pub struct RuleFlags {
    /// The rules that run alone; none means all that are on.
    pub only: Vec<String>,
    /// Levels of rules, above the configuration's.
    pub levels: Vec<(String, Level)>,
}

impl Settings {
    /// Reads a configuration.
    ///
    /// # Errors
    /// When the text is no configuration: unknown keys, rules or options, globs that are none.
    pub fn read(text: &str, flags: &RuleFlags) -> Result<Self, ConfigError> {
        let config: Config = typed::parse(text).map_err(|error| typed_error(text, &error))?;
        let tree = read(&text.into()).ok();
        let places = Places { tree: tree.as_ref() };
        for id in config.rules.keys() {
            check_rule(id, &config.rules[id], &places, &["rules"])?;
        }
        for (index, item) in config.overrides.iter().enumerate() {
            for (id, setting) in &item.rules {
                check_rule(id, setting, &places, &["overrides", &index.to_string(), "rules"])?;
            }
        }
        let patterns = |globs: &[String], key: &str| compile(globs, &places, key);
        let mut overrides = Vec::new();
        for item in &config.overrides {
            overrides.push((patterns(&item.paths, "overrides")?, item.rules.clone()));
        }
        let mut idioms = Vec::new();
        for item in &config.idioms {
            idioms.push(item.compile().map_err(|error| places.error("idioms", &error))?);
        }
        let mut rules = config.rules.clone();
        for (id, level) in &flags.levels {
            rules.entry(id.clone()).or_default().severity = Some(*level);
        }
        Ok(Self {
            include: patterns(&config.include, "include")?,
            exclude: patterns(&config.exclude, "exclude")?,
            fail_on: config.fail_on.unwrap_or(FailOn::Warning),
            baseline: config.baseline,
            idioms,
            rules,
            only: flags.only.clone(),
            overrides,
            sets: Mutex::default(),
        })
    }

    /// Whether some paths have settings of their own.
    #[must_use]
    pub const fn has_overrides(&self) -> bool {
        !self.overrides.is_empty()
    }

    /// The rules that are on for the file of this path, relative to the configuration's folder.
    #[must_use]
    pub fn rules_for(&self, path: &str) -> Arc<RuleSet> {
        let matching =
            |(_, (patterns, _)): &(usize, &(Vec<Pattern>, _))| patterns.iter().any(|pattern| pattern.matches(path));
        let key: Vec<usize> = self
            .overrides
            .iter()
            .enumerate()
            .filter(matching)
            .map(|(index, _)| index)
            .collect();
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let set = sets.entry(key.clone()).or_insert_with(|| Arc::new(self.build(&key)));
        Arc::clone(set)
    }

    fn build(&self, overrides: &[usize]) -> RuleSet {
        let active = rules::ALL.iter().filter_map(|rule| {
            let later = overrides
                .iter()
                .rev()
                .find_map(|index| self.overrides[*index].1.get(rule.id));
            let setting = later.or_else(|| self.rules.get(rule.id));
            activate(rule, setting, &self.only)
        });
        RuleSet(active.collect())
    }
}

/// The rule as the setting has it, where it is on. Options were checked when the configuration was read.
fn activate(rule: &'static Rule, setting: Option<&RuleSetting>, only: &[String]) -> Option<ActiveRule> {
    let selected = only.iter().any(|id| id == rule.id);
    if !only.is_empty() && !selected {
        return None;
    }
    let level = setting.and_then(|setting| setting.severity);
    let severity = match level {
        Some(Level::Off) if selected => rule.severity,
        Some(level) => level.severity()?,
        None if rule.enabled || setting.is_some() || selected => rule.severity,
        None => return None,
    };
    let options = Options::new(setting.map(|setting| setting.options.clone()).unwrap_or_default());
    Some(ActiveRule {
        rule,
        stamp: Stamp {
            rule: rule.id,
            severity,
            fixed: level.is_some(),
        },
        check: (rule.check)(&options).ok()?,
    })
}

impl IdiomSetting {
    fn compile(&self) -> Result<KeyIdiom, PatternError> {
        let keys = [
            (Role::Registry, &self.registry),
            (Role::Repository, &self.repository),
            (Role::Tag, &self.tag),
            (Role::Digest, &self.digest),
        ];
        Ok(KeyIdiom {
            name: self.name.clone(),
            at: Pattern::key_path(&self.at)?,
            keys: keys
                .iter()
                .filter_map(|(role, key)| Some((*role, (*key).clone()?)))
                .collect(),
        })
    }
}

/// The configuration's nodes, to find the place of an error.
struct Places<'a> {
    tree: Option<&'a Tree>,
}

impl Places<'_> {
    /// The key at the end of `path`, whose steps are keys or indexes.
    fn key(&self, path: &[&str]) -> Option<Span> {
        let tree = self.tree?;
        let mut node = tree.root()?;
        let mut span = None;
        for step in path {
            if let Some(entry) = tree.entry(node, step) {
                span = Some(tree.node(entry.key_node).span);
                node = entry.value;
            } else {
                let index: usize = step.parse().ok()?;
                node = *tree.items(node).get(index)?;
            }
        }
        span
    }

    /// The scalar of this value below the top-level `key`.
    fn value(&self, key: &str, value: &str) -> Option<Span> {
        let tree = self.tree?;
        let top = tree.node(tree.get(tree.root()?, key)?).span;
        let holds = |id: NodeId| tree.scalar(id).is_some_and(|scalar| scalar.value == value);
        tree.nodes()
            .find(|(id, node)| top.contains(node.span) && holds(*id))
            .map(|(_, node)| node.span)
    }

    fn error(&self, key: &str, error: &PatternError) -> ConfigError {
        ConfigError {
            message: error.to_string(),
            span: self
                .value(key, &error.text)
                .or_else(|| self.key(&[key]))
                .unwrap_or_default(),
            help: Some("globs have `*`, `**`, `?`, `[...]` and `{a,b}`".to_owned()),
        }
    }
}

fn compile(globs: &[String], places: &Places<'_>, key: &str) -> Result<Vec<Pattern>, ConfigError> {
    globs
        .iter()
        .map(|glob| Pattern::new(glob).map_err(|error| places.error(key, &error)))
        .collect()
}

fn check_rule(id: &str, setting: &RuleSetting, places: &Places<'_>, above: &[&str]) -> Result<(), ConfigError> {
    let path: Vec<&str> = above.iter().copied().chain([id]).collect();
    let span = places.key(&path).unwrap_or_default();
    let Some(rule) = rules::find(id) else {
        return Err(ConfigError {
            message: format!("there is no rule `{id}`"),
            span,
            help: did_you_mean(id, rules::ALL.iter().map(|rule| rule.id))
                .or_else(|| Some("`chartpin explain` lists the rules".to_owned())),
        });
    };
    let Err(error) = (rule.check)(&Options::new(setting.options.clone())) else {
        return Ok(());
    };
    let (message, unknown, help) = explain(&format!("{id}: {error}"));
    let option = unknown.and_then(|name| places.key(&path.iter().copied().chain([name.as_str()]).collect::<Vec<_>>()));
    Err(ConfigError {
        message,
        span: option.unwrap_or(span),
        help,
    })
}

fn typed_error(text: &str, error: &typed::TypedError) -> ConfigError {
    let (message, unknown, help) = explain(&error.message);
    let at = floor_boundary(text, error.offset.unwrap_or(0));
    let rest = &text[at..];
    let found = unknown.and_then(|name| {
        rest.find(&name)
            .map(|start| Span::new(at + start, at + start + name.len()))
    });
    let word = rest.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(rest.len());
    ConfigError {
        message,
        span: found.unwrap_or_else(|| Span::new(at, at + word)),
        help,
    }
}

/// Takes serde's list of expected names off a message and turns it into a suggestion; gives the unknown name, too.
fn explain(message: &str) -> (String, Option<String>, Option<String>) {
    let quoted = |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    if let Some(head) = message.strip_suffix(", there are no fields") {
        return (
            head.to_owned(),
            quoted(head).pop(),
            Some("the rule has no options but `severity`".to_owned()),
        );
    }
    let Some((head, expected)) = message.split_once(", expected ") else {
        return (message.to_owned(), None, None);
    };
    let names = quoted(expected);
    let unknown = head.contains("unknown ").then(|| quoted(head).pop()).flatten();
    if names.is_empty() {
        return (message.to_owned(), None, None);
    }
    let all = format!("expected {expected}");
    let help = unknown
        .as_deref()
        .and_then(|name| did_you_mean(name, names.iter().map(String::as_str)));
    (head.to_owned(), unknown, help.or(Some(all)))
}

fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|near| format!("did you mean `{near}`?"))
}

/// The JSON schema of the configuration, with every rule and its options.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut generator = SchemaGenerator::default();
    let level = generator.subschema_for::<Level>();
    let mut properties = serde_json::Map::new();
    for rule in rules::ALL {
        let options = (rule.schema)(&mut generator);
        let options = resolved(&options, &mut generator);
        let mut keys = options
            .get("properties")
            .and_then(serde_json::Value::as_object)
            .cloned()
            .unwrap_or_default();
        keys.insert("severity".to_owned(), level.clone().to_value());
        let full = serde_json::json!({ "type": "object", "properties": keys, "additionalProperties": false });
        let setting = serde_json::json!({ "description": rule.summary, "anyOf": [level.clone().to_value(), full] });
        properties.insert(rule.id.to_owned(), setting);
    }
    let rules = serde_json::json!({ "type": "object", "properties": properties, "additionalProperties": false });
    let mut root = generator.into_root_schema_for::<Config>().to_value();
    root["properties"]["rules"] = rules.clone();
    root["$defs"]["Override"]["properties"]["rules"] = rules;
    root
}

/// The schema itself, where `schema` is a reference to a definition.
fn resolved(schema: &Schema, generator: &mut SchemaGenerator) -> serde_json::Value {
    let value = schema.clone().to_value();
    let name = value
        .get("$ref")
        .and_then(|reference| reference.as_str()?.rsplit('/').next().map(str::to_owned));
    name.and_then(|name| generator.definitions().get(&name).cloned())
        .unwrap_or(value)
}
