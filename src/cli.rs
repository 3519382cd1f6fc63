//! The command line as typed. What it means is the business of `commands`.

mod duration;
mod pages;
mod pinning;
mod rendering;
mod reporting;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{FailOn, Level};
use crate::report::Format;
use crate::rules;
use crate::suggest::nearest;

pub use pages::{Page, completions, man_pages};
pub use pinning::{
    AppVersionPolicy, ImageFilterArgs, LspArgs, NetworkArgs, PinArgs, PinFormat, TargetArgs, UnpinArgs, UnpinFormat,
    VerifyArgs, VerifyFormat,
};
pub use rendering::{HelmArgs, RenderCheckArgs};
pub use reporting::ReportFile;
use reporting::report_file;

/// Lints the container images that Helm charts name, and pins them to registry digests.
#[derive(Debug, Parser)]
#[command(
    name = "chartpin",
    version,
    about,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find what is wrong with the images that charts name
    Lint(Box<LintArgs>),
    /// Write the digest behind every tag that charts name; prints a diff, and writes with --write
    Pin(Box<PinArgs>),
    /// Take digests away again where a tag remains
    Unpin(UnpinArgs),
    /// Ask whether the digests that charts name exist, and are what their tags name
    Verify(Box<VerifyArgs>),
    /// Render charts with and without their digests, and check that nothing else differs
    RenderCheck(Box<RenderCheckArgs>),
    /// List every image that charts name, also the ones that are not whole
    Images(ImagesArgs),
    /// Serve an editor: the Language Server Protocol over standard input and output
    Lsp(Box<LspArgs>),
    /// Show the page of a rule, or the list of rules
    Explain(ExplainArgs),
    /// Print the JSON schema of the configuration or of a report
    Schema(SchemaArgs),
    /// Look at a repository, and write a configuration for it; what is there already stays as it is
    Init(InitArgs),
    /// Print the script that completes commands, options and values in a shell
    Completions(CompletionsArgs),
    /// Print a manual page, or write all of them
    Man(ManArgs),
}

/// Where to look, and with which configuration.
#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// Files, charts, packaged charts, or trees of them
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Read this configuration, not the nearest `.chartpin.yaml`
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long)]
    pub no_config: bool,
    /// Look at the whole chart that each path is a part of, and pass over files of no chart: for hooks, which know what changed
    #[arg(long)]
    pub whole_charts: bool,
}

/// Where to look, and which files are values files.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Where to look.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Read files that match this glob as values files, too
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Leave out files that match this glob
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
}

/// Arguments of `lint`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct LintArgs {
    /// Where to look.
    #[command(flatten)]
    pub input: InputArgs,
    /// How to report
    #[arg(long, value_enum, default_value_t = LintFormat::Human)]
    pub format: LintFormat,
    /// Write the report in this format to a file, too; may be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_file::<LintFormat>, conflicts_with_all = ["diff", "write_baseline"])]
    pub reports: Vec<ReportFile<LintFormat>>,
    /// The severity from which findings make the exit code 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailLevel>,
    /// Run this rule alone; may be repeated
    #[arg(long, value_name = "RULE", value_parser = rule_id)]
    pub only: Vec<String>,
    /// Render the charts with Helm, too, and list the images that no value names
    #[arg(long)]
    pub render: bool,
    /// Set a rule to off, info, warning or error; may be repeated
    #[arg(long = "rule", value_name = "RULE=LEVEL", value_parser = rule_level)]
    pub rules: Vec<(String, Level)>,
    /// Mend what can be mended without a look
    #[arg(long)]
    pub fix: bool,
    /// With --fix or --diff: apply the fixes that need a decision, too
    #[arg(long = "unsafe")]
    pub unsafe_fixes: bool,
    /// Print what --fix would change as a diff, and write nothing
    #[arg(long, conflicts_with = "fix")]
    pub diff: bool,
    /// Leave out the findings that this file knows
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all findings to the baseline, and report none
    #[arg(long, conflicts_with_all = ["fix", "diff"])]
    pub write_baseline: bool,
    /// How Helm renders.
    #[command(flatten)]
    pub helm: HelmArgs,
}

/// Arguments of `images`.
#[derive(Debug, Args)]
pub struct ImagesArgs {
    /// Where to look.
    #[command(flatten)]
    pub input: InputArgs,
    /// How to list
    #[arg(long, value_enum, default_value_t = ImagesFormat::Table)]
    pub format: ImagesFormat,
    /// Show the templates, workloads and containers that use each image; in tables and JSON
    #[arg(long)]
    pub used_by: bool,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule; none lists them all
    #[arg(value_parser = rule_id)]
    pub rule: Option<String>,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder to set up [default: the root of the repository around the working directory, else that directory]
    pub path: Option<PathBuf>,
    /// Write `.pre-commit-config.yaml` at the root of the repository, too, with a hook that lints the charts of a commit
    #[arg(long)]
    pub hook: bool,
    /// Write `.github/workflows/chartpin.yml` at the root of the repository, too, which lints pull requests and pushes to its default branch
    #[arg(long)]
    pub workflow: bool,
    /// Write nothing, and show what would be written
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command; none prints the page of the program
    pub command: Option<String>,
    /// Write the pages of the program and of all its commands to this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub all: Option<PathBuf>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set; always where `CLICOLOR_FORCE` is
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The formats of `lint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// Source lines with what is wrong underlined
    Human,
    /// Versioned JSON (`chartpin schema lint`)
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// JUnit XML
    Junit,
    /// One page to look at, with the images beside the findings
    Html,
}

impl From<LintFormat> for Format {
    fn from(format: LintFormat) -> Self {
        match format {
            LintFormat::Human => Self::Human,
            LintFormat::Json => Self::Json,
            LintFormat::Sarif => Self::Sarif,
            LintFormat::Github => Self::Github,
            LintFormat::Gitlab => Self::Gitlab,
            LintFormat::Junit => Self::Junit,
            LintFormat::Html => Self::Html,
        }
    }
}

/// The formats of `images`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImagesFormat {
    /// Columns for people
    Table,
    /// Versioned JSON (`chartpin schema images`)
    Json,
    /// One page to look at, with the findings beside the images
    Html,
    /// Comma-separated values (RFC 4180)
    Csv,
    /// A CycloneDX 1.6 bill of materials, as JSON: the images that can be pulled
    #[value(name = "cyclonedx")]
    CycloneDx,
    /// The source file of `skopeo sync --src yaml`
    Skopeo,
    /// An ImageSetConfiguration of oc-mirror
    OcMirror,
    /// One reference a line, for other programs that copy or scan images
    List,
}

/// The values of `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailLevel {
    /// Any finding
    Info,
    /// Warnings and errors
    Warning,
    /// Errors
    Error,
    /// No finding
    Never,
}

impl From<FailLevel> for FailOn {
    fn from(level: FailLevel) -> Self {
        match level {
            FailLevel::Info => Self::Info,
            FailLevel::Warning => Self::Warning,
            FailLevel::Error => Self::Error,
            FailLevel::Never => Self::Never,
        }
    }
}

/// What has a JSON schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// `.chartpin.yaml`
    Config,
    /// `lint --format json`
    Lint,
    /// `images --format json`
    Images,
    /// `pin --format json` and `unpin --format json`
    Pin,
    /// `verify --format json`
    Verify,
}

fn rule_id(text: &str) -> Result<String, String> {
    if rules::find(text).is_some() {
        return Ok(text.to_owned());
    }
    Err(match nearest(text, rules::ALL.iter().map(|rule| rule.id)) {
        Some(near) => format!("there is no such rule; did you mean `{near}`?"),
        None => "there is no such rule; `chartpin explain` lists them".to_owned(),
    })
}

fn rule_level(text: &str) -> Result<(String, Level), String> {
    let (rule, level) = text.split_once('=').ok_or("write RULE=LEVEL")?;
    let level = match level {
        "off" => Level::Off,
        "info" => Level::Info,
        "warning" => Level::Warning,
        "error" => Level::Error,
        _ => return Err("a level is off, info, warning or error".to_owned()),
    };
    Ok((rule_id(rule)?, level))
}
