//! `.chartpin.yaml`: typed, its errors with the line that is wrong, and the settings that a run makes of it.

mod error;
mod schema;
mod settings;
mod typed_config;

pub use error::ConfigError;
pub use schema::schema;
pub use settings::{PinSettings, RuleFlags, Settings};
pub use typed_config::{AppVersion, Config, FailOn, IdiomSetting, Level, Mirrors, Override, PinConfig, RuleSetting};

/// The name of the configuration file.
pub const FILE_NAME: &str = ".chartpin.yaml";
