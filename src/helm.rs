//! Running the real `helm`: finding the program, rendering a chart, and staging charts so that it can. At the edge.
//!
//! It must not know what a render means, nor what a pin is.
#![expect(
    clippy::disallowed_methods,
    reason = "the edge: charts are copied, and the search path is read"
)]

mod copy;
mod dependency;
mod error;
mod process;
mod stage;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::program::{is_executable, on_path};
pub use error::HelmError;
use error::one_line;
pub use stage::{Staged, stage};

/// The name of the release, which charts put into the names of what they render.
const RELEASE: &str = "chartpin";

/// The most lines of a failure that are shown.
const MAX_LINES: usize = 10;

/// What a user can say of a render besides its values files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelmOptions {
    /// Single values, `key=value` as `helm template --set` takes them.
    pub set: Vec<String>,
    /// Further API versions that the cluster is taken to have.
    pub api_versions: Vec<String>,
    /// The version of Kubernetes that the cluster is taken to have.
    pub kube_version: Option<String>,
    /// How long a render may take.
    pub timeout: Duration,
    /// The most that a render may print, in bytes.
    pub max_output: u64,
}

impl Default for HelmOptions {
    fn default() -> Self {
        Self {
            set: Vec::new(),
            api_versions: Vec::new(),
            kube_version: None,
            timeout: Duration::from_secs(60),
            max_output: 64 * 1024 * 1024,
        }
    }
}

/// The program `helm`, of version 3 or 4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helm {
    program: PathBuf,
}

impl Helm {
    /// The program that the user named, the Helm that runs chartpin as its plugin, or the one on the search path.
    ///
    /// # Errors
    /// When it is not there, or cannot be run.
    pub fn find(explicit: Option<&Path>) -> Result<Self, HelmError> {
        // Helm says under which name it was called; one without a folder was found on the search path.
        let caller = env::var_os("HELM_BIN").map(PathBuf::from);
        let caller = caller.filter(|path| path.components().count() > 1);
        let named = |path: &Path| {
            let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            Some(absolute).filter(|path| is_executable(path))
        };
        let program = match (explicit, caller) {
            (Some(path), _) => named(path).ok_or_else(|| HelmError::NoProgram(path.to_owned()))?,
            (None, Some(path)) => named(&path).ok_or(HelmError::NoCaller(path))?,
            (None, None) => on_path("helm", env::var_os("PATH").as_deref()).ok_or(HelmError::NotInstalled)?,
        };
        Ok(Self { program })
    }

    /// Where the program is.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What `helm template` prints for the chart in a folder with these values files, the last the strongest.
    ///
    /// Hooks and tests are rendered, for they run images, too. The files in `crds/` are not: Helm copies them as they are, so that no
    /// value reaches them, and they are the largest by far. A values schema is checked, for a pin may break it.
    ///
    /// # Errors
    /// When helm cannot be run, fails, takes or prints more than it may, or prints what is not UTF-8.
    pub fn template(&self, chart: &Path, values: &[PathBuf], options: &HelmOptions) -> Result<String, HelmError> {
        let output = process::run(
            &mut self.command(chart, values, options),
            options.timeout,
            options.max_output,
        )?;
        if !output.status.success() {
            return Err(HelmError::Failed {
                status: output.status.to_string(),
                said: complaint(&String::from_utf8_lossy(&output.err)),
            });
        }
        String::from_utf8(output.out).map_err(|error| HelmError::Encoding(error.utf8_error().valid_up_to()))
    }

    fn command(&self, chart: &Path, values: &[PathBuf], options: &HelmOptions) -> Command {
        let mut command = Command::new(&self.program);
        // Without a namespace, helm reads the user's kubeconfig for one.
        command.args(["template", "--namespace", "default"]);
        for file in values {
            command.arg("--values").arg(list_item(file));
        }
        for value in &options.set {
            command.args(["--set", value]);
        }
        for version in &options.api_versions {
            command.args(["--api-versions", version]);
        }
        if let Some(version) = &options.kube_version {
            command.args(["--kube-version", version]);
        }
        // A relative path that is not there would be taken for the name of a chart in a repository, and downloaded.
        let chart = std::path::absolute(chart).unwrap_or_else(|_| chart.to_owned());
        command.arg("--").arg(RELEASE).arg(chart);
        quiet(&mut command);
        command
    }
}

/// Takes away from a command what would change its output from one machine to the next, or lead it to a cluster or a database.
fn quiet(command: &mut Command) {
    // With it, helm prints what is no YAML, too, and charts that fail.
    command.env("HELM_DEBUG", "false");
    // Plugins are not needed, and are programs of their own.
    command.env("HELM_NO_PLUGINS", "1");
    command.env("NO_COLOR", "1");
    for name in [
        "HELM_NAMESPACE",
        "HELM_KUBECONTEXT",
        "HELM_KUBEAPISERVER",
        "HELM_DRIVER",
    ] {
        command.env_remove(name);
    }
    // Credentials for registries are none of its business.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CHARTPIN_") {
            command.env_remove(name);
        }
    }
    if cfg!(unix) {
        command.env("KUBECONFIG", "/dev/null");
    }
}

/// A path as an option takes it that reads its value as a line of comma-separated values (RFC 4180).
fn list_item(path: &Path) -> OsString {
    match path.to_str() {
        Some(text) if text.contains([',', '"', '\n', '\r']) => format!("\"{}\"", text.replace('"', "\"\"")).into(),
        _ => path.into(),
    }
}

/// What helm says about its failure, in one line: from `Error:` on, or the last lines.
fn complaint(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(one_line).filter(|line| !line.is_empty()).collect();
    let start = lines.iter().rposition(|line| line.starts_with("Error: "));
    let shown = match start {
        Some(at) => &lines[at..lines.len().min(at + MAX_LINES)],
        None => &lines[lines.len().saturating_sub(MAX_LINES)..],
    };
    let said = shown.join(" ");
    let said = said.strip_prefix("Error: ").unwrap_or(&said);
    let said = said
        .strip_suffix("Use --debug flag to render out invalid YAML")
        .unwrap_or(said);
    said.trim_end().to_owned()
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
