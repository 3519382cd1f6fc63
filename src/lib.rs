//! chartpin reads the container images that Helm charts name and says what is wrong with them.
pub mod pattern;
pub mod reference;
pub mod site;
pub mod source;
pub mod yaml;
