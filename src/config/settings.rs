//! What a run makes of a configuration and the command line: which rules are on for which file.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::{Places, check_rule, compile, typed_error};
use super::{AppVersion, Config, ConfigError, FailOn, IdiomSetting, Level, PinConfig, RuleSetting};
use crate::lint::{ActiveRule, RuleSet};
use crate::pattern::{Pattern, PatternError};
use crate::pin::{self, ImageFilter};
use crate::resolution::{Mirror, Platform};
use crate::rule::{Options, Rule, Stamp};
use crate::rules;
use crate::site::{KeyIdiom, Role};
use crate::typed;
use crate::yaml::read;

/// What a run makes of a configuration and the command line.
#[derive(Default)]
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
    /// How images are pinned.
    pub pin: PinSettings,
    rules: BTreeMap<String, RuleSetting>,
    /// What the command line says of rules, above all that the configuration says.
    levels: BTreeMap<String, Level>,
    only: Vec<String>,
    overrides: Vec<(Vec<Pattern>, BTreeMap<String, RuleSetting>)>,
    sets: Mutex<HashMap<Vec<usize>, Arc<RuleSet>>>,
}

/// How images are pinned, and which registries are asked, as the configuration has it.
#[derive(Debug, Clone, Default)]
pub struct PinSettings {
    /// Globs over images: these alone.
    pub include: Vec<String>,
    /// Globs over images: not these.
    pub exclude: Vec<String>,
    /// Whether images whose tag is the chart's `appVersion` are pinned.
    pub app_version: Option<bool>,
    /// The platform whose manifest is taken.
    pub platform: Option<Platform>,
    /// Where images are looked for first.
    pub mirrors: Vec<Mirror>,
    /// Hosts that are spoken to without TLS.
    pub plain_http: Vec<String>,
    /// A file with certificates of authorities, relative to the configuration.
    pub ca_file: Option<String>,
}

impl PinSettings {
    /// What is wanted of the images that a filter takes.
    #[must_use]
    pub fn options(&self, filter: ImageFilter) -> pin::Options {
        pin::Options {
            app_version: self.app_version.unwrap_or(false),
            platform: self.platform.clone(),
            filter,
            ..pin::Options::default()
        }
    }
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
        Ok(Self {
            include: patterns(&config.include, "include")?,
            exclude: patterns(&config.exclude, "exclude")?,
            fail_on: config.fail_on.unwrap_or(FailOn::Warning),
            baseline: config.baseline,
            idioms,
            pin: pin_settings(&config.pin, &places)?,
            rules: config.rules.clone(),
            levels: flags.levels.iter().cloned().collect(),
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
            let mut setting = later.or_else(|| self.rules.get(rule.id)).cloned();
            if let Some(level) = self.levels.get(rule.id) {
                setting.get_or_insert_default().severity = Some(*level);
            }
            activate(rule, setting.as_ref(), &self.only)
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

fn pin_settings(pin: &PinConfig, places: &Places<'_>) -> Result<PinSettings, ConfigError> {
    ImageFilter::new(&pin.include, &pin.exclude).map_err(|error| places.error("pin", &error))?;
    let wrong = |value: &str, message: String| places.wrong("pin", value, message);
    let mut mirrors = Vec::new();
    for (source, list) in &pin.mirrors {
        for mirror in list.list() {
            let error = || {
                wrong(
                    mirror,
                    format!("`{mirror}` is no mirror of `{source}`: write `host[:port][/prefix]`"),
                )
            };
            mirrors.push(Mirror::new(source, mirror).ok_or_else(error)?);
        }
    }
    let platform = pin
        .platform
        .as_ref()
        .map(|text| text.parse::<Platform>().map_err(|error| wrong(text, error.to_string())));
    Ok(PinSettings {
        include: pin.include.clone(),
        exclude: pin.exclude.clone(),
        app_version: pin.app_version.map(|policy| policy == AppVersion::Pin),
        platform: platform.transpose()?,
        mirrors,
        plain_http: pin.plain_http.clone(),
        ca_file: pin.ca_file.clone(),
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
