//! What credential files hold: Docker's and Podman's configuration, and Kubernetes Secrets around it.
//!
//! It must not touch files. Parsers quote what they read in their messages, so that only places are taken from them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::entry::{self, Entry};
use super::scope::Scope;
use crate::typed;

/// The types of Secrets that hold credentials, each with the key below which they lie.
const SECRETS: [(&str, &str); 2] = [(MODERN, ".dockerconfigjson"), ("kubernetes.io/dockercfg", ".dockercfg")];

/// The type of Secret whose content is a whole configuration; the older one is the `auths` alone.
const MODERN: &str = "kubernetes.io/dockerconfigjson";

/// What a credential file knows.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Credentials, by what they are for.
    pub(super) auths: Vec<(Scope, Entry)>,
    /// Helpers, by what they are for; an empty name means that none is asked.
    pub(super) helpers: Vec<(Scope, String)>,
    /// The helper for everything else.
    pub(super) store: Option<String>,
}

/// Docker's configuration, as far as it is about credentials.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    auths: Option<BTreeMap<String, Value>>,
    cred_helpers: Option<BTreeMap<String, Option<String>>>,
    creds_store: Option<String>,
}

/// A Secret, or a list of them.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Object {
    kind: Option<String>,
    metadata: Metadata,
    r#type: Option<String>,
    data: Option<BTreeMap<String, Option<String>>>,
    string_data: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: Option<String>,
}

/// Reads the text of a credential file.
///
/// # Errors
/// When it is none, in one line that does not quote it.
pub(super) fn parse(text: &str) -> Result<Content, String> {
    let mut content = Content::default();
    let value = read_value(text).map_err(|problem| format!("it {problem}"))?;
    match value.get("kind").and_then(Value::as_str) {
        None => content.add(read_config(value).ok_or("it is not of the form of Docker's `config.json`")?),
        Some("Secret") => {
            if !content.add_secret(&read_secret(value)?)? {
                return Err("its Secret is not of a type that holds registry credentials".to_owned());
            }
        }
        Some("List" | "SecretList") => content.add_list(value)?,
        Some(_) => return Err("it is a Kubernetes object, but no Secret".to_owned()),
    }
    Ok(content)
}

impl Content {
    fn add(&mut self, config: Config) {
        let mut auths: Vec<_> = config.auths.into_iter().flatten().collect();
        // Of two ways to write the same key the plainer one is to win, and the first one does.
        auths.sort_by_key(|(key, _)| key.len());
        let entries = auths
            .iter()
            .filter_map(|(key, value)| Some((Scope::new(key), entry::read(value)?)));
        self.auths.extend(entries);
        let mut helpers: Vec<_> = config.cred_helpers.into_iter().flatten().collect();
        helpers.sort_by_key(|(key, _)| key.len());
        let helpers = helpers
            .into_iter()
            .map(|(key, name)| (Scope::new(&key), name.unwrap_or_default()));
        self.helpers.extend(helpers);
        let store = config.creds_store.filter(|name| !name.is_empty());
        self.store = self.store.take().or(store);
    }

    fn add_list(&mut self, mut list: Value) -> Result<(), String> {
        let mut found = false;
        let items = list.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
        for item in items.unwrap_or_default() {
            // Items of a `SecretList` do not repeat their kind, and a `List` may hold anything.
            let kind = item.get("kind").and_then(Value::as_str);
            if matches!(kind, None | Some("Secret")) {
                found |= self.add_secret(&read_secret(item)?)?;
            }
        }
        if found {
            Ok(())
        } else {
            Err("it lists no Secret of a type that holds registry credentials".to_owned())
        }
    }

    /// Adds what a Secret holds, and says whether it is of a type that holds credentials.
    fn add_secret(&mut self, secret: &Object) -> Result<bool, String> {
        let kind = secret.r#type.as_deref().unwrap_or_default();
        let Some((_, key)) = SECRETS.iter().find(|(known, _)| *known == kind) else {
            return Ok(false);
        };
        let name = secret.metadata.name.as_deref().unwrap_or_default().escape_debug();
        let broken = |problem: &str| format!("the `{key}` of its Secret `{name}` {problem}");
        let text = secret.text(key).map_err(broken)?;
        let value = read_value(&text).map_err(|problem| broken(&problem))?;
        let config = if kind == MODERN {
            read_config(value)
        } else {
            serde_json::from_value(value).ok().map(|auths| Config {
                auths,
                ..Config::default()
            })
        };
        self.add(config.ok_or_else(|| broken("is not of the form that its type asks for"))?);
        Ok(true)
    }
}

impl Object {
    /// The text below `key`: as in a cluster, `stringData` wins.
    fn text(&self, key: &str) -> Result<String, &'static str> {
        let plain = self.string_data.as_ref().and_then(|data| data.get(key)?.clone());
        if let Some(plain) = plain {
            return Ok(plain);
        }
        let coded = self.data.as_ref().and_then(|data| data.get(key)?.as_deref());
        entry::decode(coded.ok_or("is missing")?)
    }
}

/// Reads JSON or YAML; nothing counts as an empty mapping.
fn read_value(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    let value = if text.trim().is_empty() {
        Value::Null
    } else if text.trim_start().starts_with('{') {
        serde_json::from_str(text)
            .map_err(|error| format!("is broken JSON, at line {} column {}", error.line(), error.column()))?
    } else {
        typed::parse(text).map_err(|error| {
            let before = error.offset.and_then(|offset| text.get(..offset));
            let line = before.map(|before| before.matches('\n').count() + 1);
            line.map_or_else(
                || "is broken YAML".to_owned(),
                |line| format!("is broken YAML, at line {line}"),
            )
        })?
    };
    match value {
        Value::Null => Ok(Value::Object(serde_json::Map::new())),
        Value::Object(_) => Ok(value),
        _ => Err("is neither a JSON object nor a YAML mapping".to_owned()),
    }
}

fn read_config(value: Value) -> Option<Config> {
    serde_json::from_value(value).ok()
}

fn read_secret(value: Value) -> Result<Object, String> {
    serde_json::from_value(value).map_err(|_| "its Secret is not of the form of a Secret".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Credential;
    use super::super::scope::Wanted;
    use super::*;

    /// `{"auths": {"quay.io": {"auth": "bWU6d29yZA=="}}}`
    const CONFIG: &str = "eyJhdXRocyI6IHsicXVheS5pbyI6IHsiYXV0aCI6ICJiV1U2ZDI5eVpBPT0ifX19";
    /// `{"ghcr.io": {"auth": "bWU6d29yZA=="}}`
    const OLD: &str = "eyJnaGNyLmlvIjogeyJhdXRoIjogImJXVTZkMjl5WkE9PSJ9fQ==";

    fn knows(content: &Content, registry: &str) -> bool {
        let wanted = Wanted::new(registry, "a");
        let entry = content.auths.iter().find(|(scope, _)| scope.covers_exactly(&wanted));
        entry.is_some_and(|(_, entry)| matches!(entry, Ok(Credential::Basic { username, .. }) if username == "me"))
    }

    fn modern(name: &str, indent: &str) -> String {
        let lines = [
            "kind: Secret",
            "apiVersion: v1",
            &format!("metadata: {{name: {name}}}"),
            "type: kubernetes.io/dockerconfigjson",
            &format!("data: {{.dockerconfigjson: {CONFIG}}}"),
        ];
        lines.map(str::to_owned).join(&format!("\n{indent}"))
    }

    #[test]
    fn a_secret_holds_the_configuration_in_base64() {
        assert!(knows(&parse(&modern("pull", "")).unwrap(), "quay.io"));
        assert!(knows(
            &parse(&format!("\u{feff}---\n{}", modern("pull", ""))).unwrap(),
            "quay.io"
        ));
        let json = format!(
            "{{\"kind\": \"Secret\", \"type\": \"{MODERN}\", \"data\": {{\".dockerconfigjson\": \"{CONFIG}\"}}}}"
        );
        assert!(knows(&parse(&json).unwrap(), "quay.io"));
    }

    #[test]
    fn the_older_secret_holds_the_auths_alone() {
        let text = format!("kind: Secret\ntype: kubernetes.io/dockercfg\ndata:\n  .dockercfg: {OLD}\n");
        assert!(knows(&parse(&text).unwrap(), "ghcr.io"));
    }

    #[test]
    fn string_data_is_plain_and_wins() {
        let plain = r#"{"auths": {"gcr.io": {"username": "me", "password": "x"}}}"#;
        let text = format!("{}\nstringData:\n  .dockerconfigjson: '{plain}'\n", modern("pull", ""));
        let content = parse(&text).unwrap();
        assert!(knows(&content, "gcr.io") && !knows(&content, "quay.io"));
    }

    #[test]
    fn a_list_gives_all_its_secrets_of_these_types() {
        let old = format!("kind: Secret\n  type: kubernetes.io/dockercfg\n  data: {{.dockercfg: {OLD}}}");
        let other = "kind: Secret\n  type: Opaque\n  data: {a: bad}\n- kind: ConfigMap\n  data: 1";
        let text = format!("kind: List\nitems:\n- {other}\n- {}\n- {old}\n", modern("a", "  "));
        let content = parse(&text).unwrap();
        assert!(knows(&content, "quay.io") && knows(&content, "ghcr.io"));
        let none = parse(&format!("kind: List\nitems:\n- {other}\n")).unwrap_err();
        assert!(none.contains("lists no Secret"), "{none}");
    }

    #[test]
    fn other_objects_and_other_secrets_are_errors() {
        assert!(
            parse("kind: Secret\ntype: Opaque\n")
                .unwrap_err()
                .contains("not of a type")
        );
        assert!(parse("kind: ConfigMap\n").unwrap_err().contains("no Secret"));
        assert!(parse("just text").unwrap_err().contains("neither"));
        assert!(parse("[]").unwrap_err().contains("neither"));
    }

    #[test]
    fn a_broken_secret_is_an_error_that_names_it_but_does_not_quote_it() {
        let broken = modern("pull", "").replace(CONFIG, "hunter2!");
        let problem = parse(&broken).unwrap_err();
        assert_eq!(problem, "the `.dockerconfigjson` of its Secret `pull` is broken base64");
        let problem = parse(&modern("pull", "").replace(CONFIG, "eyJhIjog")).unwrap_err();
        assert!(
            problem.ends_with("`pull` is broken JSON, at line 1 column 6"),
            "{problem}"
        );
        let problem = parse(&modern("pull", "").replace(".dockerconfigjson:", "other:")).unwrap_err();
        assert!(problem.ends_with("`pull` is missing"), "{problem}");
    }

    #[test]
    fn broken_text_is_an_error_with_its_place_but_does_not_quote_it() {
        let problem = parse("\n{\"auths\": hunter2}").unwrap_err();
        assert_eq!(problem, "it is broken JSON, at line 2 column 11");
        let problem = parse("auths:\n  a: [hunter2\nb: }").unwrap_err();
        assert!(problem.starts_with("it is broken YAML, at line "), "{problem}");
        let problem = parse("{\"auths\": \"hunter2\"}").unwrap_err();
        assert!(problem.starts_with("it is not of the form"), "{problem}");
        let problem = parse("kind: Secret\ntype: [hunter2]\n").unwrap_err();
        assert_eq!(problem, "its Secret is not of the form of a Secret");
    }
}
