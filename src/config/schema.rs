//! The JSON schema of the configuration, made from its types and from those of the rules' options.

use schemars::{Schema, SchemaGenerator};

use super::{Config, Level};
use crate::rules;

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
