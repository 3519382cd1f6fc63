//! The command line of `pin`, `unpin` and `verify`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::PlaceArgs;
use super::duration::duration;
use super::rendering::HelmArgs;
use super::reporting::{ReportFile, report_file};
use crate::resolution::{Mirror, Platform};

/// Which images are meant.
#[derive(Debug, Args)]
pub struct ImageFilterArgs {
    /// These images alone: a glob over image names (`quay.io/airshipit/**`) or key paths (`images.tags.*`)
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Not these images: a glob over image names or key paths
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
}

/// Where to look, and which images are meant.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// Where to look.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Which images are meant.
    #[command(flatten)]
    pub filter: ImageFilterArgs,
}

/// How registries are asked.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Registries")]
pub struct NetworkArgs {
    /// Look for the images of SOURCE (`registry[/prefix]`) at MIRROR (`host[:port][/prefix]`) first; may be repeated
    #[arg(long, value_name = "SOURCE=MIRROR")]
    pub mirror: Vec<Mirror>,
    /// Speak to this host without TLS; may be repeated
    #[arg(long, value_name = "HOST")]
    pub plain_http: Vec<String>,
    /// Trust the certificate authorities in this PEM file, too
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Take credentials from this file first: Docker's or Podman's, or a Kubernetes pull secret
    #[arg(long, value_name = "FILE")]
    pub auth_file: Option<PathBuf>,
    /// Read and hash every manifest, rather than take the registry's word for its digest
    #[arg(long)]
    pub verify_body: bool,
    /// How many requests are on their way to one registry at most
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=256))]
    pub concurrency: usize,
    /// How long all questions together may take
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    pub timeout: Duration,
}

/// Arguments of `pin`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct PinArgs {
    /// Where to look, and which images are meant.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Write the digests into the files
    #[arg(long)]
    pub write: bool,
    /// Write nothing, and exit with 1 if anything would change
    #[arg(long, conflicts_with = "write")]
    pub check: bool,
    /// Ask again for images that carry a digest and keep a tag
    #[arg(long)]
    pub update: bool,
    /// Take the manifest of this platform, not the index: os/arch[/variant]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<Platform>,
    /// What to do with images whose tag is the chart's `appVersion` [default: skip]
    #[arg(long, value_enum, value_name = "POLICY")]
    pub app_version: Option<AppVersionPolicy>,
    /// Write what has an answer, even if some images have none; the exit code is still 3
    #[arg(long)]
    pub keep_going: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t = PinFormat::Human)]
    pub format: PinFormat,
    /// Write the report in this format to a file, too; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_file::<PinFormat>)]
    pub reports: Vec<ReportFile<PinFormat>>,
    /// Write what registries said to the lock file
    #[arg(long, conflicts_with = "check")]
    pub lock: bool,
    /// Answer from the lock file alone, without network
    #[arg(long, conflicts_with = "lock")]
    pub locked: bool,
    /// The lock file
    #[arg(long, value_name = "FILE", default_value = crate::lock::FILE_NAME)]
    pub lock_file: PathBuf,
    /// Leave the charts alone, and write the pinned values to this file, for `helm install -f`; `{chart}` in it stands for the chart's name
    #[arg(long, value_name = "FILE", conflicts_with_all = ["write", "check"])]
    pub overlay: Option<PathBuf>,
    /// Write a chart only where rendering it with Helm differs in nothing but the digests
    #[arg(long)]
    pub verify_render: bool,
    /// How registries are asked.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// How Helm renders.
    #[command(flatten)]
    pub helm: HelmArgs,
    /// How long the answer for a tag counts as known between runs
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration, help_heading = "Registries")]
    pub cache_ttl: Duration,
    /// Neither read nor write the cache
    #[arg(long, help_heading = "Registries")]
    pub no_cache: bool,
}

/// Arguments of `lsp`.
#[derive(Debug, Args)]
pub struct LspArgs {
    /// How registries are asked, where an editor pins an image.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Arguments of `unpin`.
#[derive(Debug, Args)]
pub struct UnpinArgs {
    /// Where to look, and which images are meant.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Write the files
    #[arg(long)]
    pub write: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t = UnpinFormat::Human)]
    pub format: UnpinFormat,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Where to look, and which images are meant.
    #[command(flatten)]
    pub target: TargetArgs,
    /// A platform that every image must be there for: os/arch[/variant]; may be repeated
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Vec<Platform>,
    /// How to report
    #[arg(long, value_enum, default_value_t = VerifyFormat::Human)]
    pub format: VerifyFormat,
    /// Write the report in this format to a file, too; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_file::<VerifyFormat>)]
    pub reports: Vec<ReportFile<VerifyFormat>>,
    /// How registries are asked.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// What happens to images whose tag is the chart's `appVersion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AppVersionPolicy {
    /// Write the version with its digest; a new `appVersion` then needs a new pin
    Pin,
    /// Leave them alone
    Skip,
}

/// The formats of `unpin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UnpinFormat {
    /// What changes, and why the rest does not
    Human,
    /// Versioned JSON (`chartpin schema pin`)
    Json,
    /// A unified diff alone
    Diff,
}

impl From<UnpinFormat> for PinFormat {
    fn from(format: UnpinFormat) -> Self {
        match format {
            UnpinFormat::Human => Self::Human,
            UnpinFormat::Json => Self::Json,
            UnpinFormat::Diff => Self::Diff,
        }
    }
}

/// The formats of `pin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PinFormat {
    /// What changes, and why the rest does not
    Human,
    /// Versioned JSON (`chartpin schema pin`)
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A unified diff alone
    Diff,
}

/// The formats of `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// Source lines with what is wrong underlined
    Human,
    /// Versioned JSON (`chartpin schema verify`)
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}
