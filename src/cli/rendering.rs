//! The command line of what renders charts with the real Helm.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::duration::duration;
use super::pinning::TargetArgs;

/// How Helm renders.
#[derive(Debug, Args)]
#[command(next_help_heading = "Helm")]
pub struct HelmArgs {
    /// Run this Helm, not the one on the search path
    #[arg(long, value_name = "PATH")]
    pub helm: Option<PathBuf>,
    /// Set a value for rendering, as `helm template --set` does; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Render for a cluster that has this API version, too; may be repeated
    #[arg(long, value_name = "VERSION")]
    pub api_versions: Vec<String>,
    /// Render for this version of Kubernetes
    #[arg(long, value_name = "VERSION")]
    pub kube_version: Option<String>,
    /// How long one render may take
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    pub helm_timeout: Duration,
}

/// Arguments of `render-check`.
#[derive(Debug, Args)]
pub struct RenderCheckArgs {
    /// Where to look, and which images are meant.
    #[command(flatten)]
    pub target: TargetArgs,
    /// How Helm renders.
    #[command(flatten)]
    pub helm: HelmArgs,
}
