//! chartpin reads the container images that Helm charts name and says what is wrong with them.
pub mod chart;
pub mod edit;
pub mod finding;
pub mod floating;
pub mod pattern;
pub mod reference;
pub mod rule;
pub mod rules;
pub mod site;
pub mod source;
pub mod suggest;
pub mod typed;
pub mod yaml;
