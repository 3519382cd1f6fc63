//! chartpin reads the container images that Helm charts name, says what is wrong with them, and pins them to registry digests.

pub mod baseline;
pub mod chart;
pub mod cli;
pub mod commands;
pub mod config;
pub mod edit;
pub mod finding;
pub mod floating;
pub mod lint;
pub mod lock;
pub mod pattern;
pub mod pin;
pub mod reference;
pub mod registry;
pub mod report;
pub mod resolution;
pub mod rule;
pub mod rules;
pub mod site;
pub mod source;
pub mod suggest;
pub mod suppress;
pub mod typed;
pub mod walk;
pub mod write;
pub mod yaml;
