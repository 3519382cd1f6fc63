//! What goes wrong with credentials, and what to do about it. It must never hold what a file or a helper said.

use std::path::PathBuf;

/// A credential that cannot be had: whose fault it is, never what was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// A file that the user named is not there.
    #[error("there is no credential file `{path}`")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot read the credential file `{path}`: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file that is no credential file, or a broken one.
    #[error("the credential file `{path}` cannot be used: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, in one line.
        problem: String,
    },
    /// An entry of a file that is broken, while the file is not.
    #[error("the credential file `{path}` has a broken entry for `{server}`: {problem}")]
    Entry {
        /// The file.
        path: PathBuf,
        /// The registry, perhaps with the beginning of a repository's name.
        server: String,
        /// What is wrong, in one line.
        problem: String,
    },
    /// A credential helper that gives no answer.
    #[error("the credential helper `{helper}`, which `{path}` names for `{server}`, {failure}")]
    Helper {
        /// The helper's program.
        helper: String,
        /// The file that names it.
        path: PathBuf,
        /// The server that it was to be asked for.
        server: String,
        /// What went wrong.
        failure: HelperFailure,
    },
}

/// Why a credential helper gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HelperFailure {
    /// The name could lead out of the search path.
    #[error("has a name with characters other than letters, digits, `_`, `.` and `-`")]
    Name,
    /// The server's name does not fit into a question.
    #[error("cannot be asked for a server of that name")]
    Server,
    /// It is not on the search path.
    #[error("is not installed")]
    NotInstalled,
    /// The system did not start it or lost it.
    #[error("cannot be run: {0}")]
    Broken(String),
    /// It took too long and was killed.
    #[error("gave no answer within {0} seconds and was stopped")]
    TimedOut(u64),
    /// It failed; what it said may hold secrets.
    #[error("failed with {0}")]
    Failed(String),
    /// Its answer is too long.
    #[error("answered with more than 1 MiB")]
    TooLong,
    /// Its answer is not what the protocol asks for.
    #[error("answered with something other than a credential")]
    Answer,
}

impl CredentialError {
    /// What to do, where that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("name a file that exists in `--auth-file` or `REGISTRY_AUTH_FILE`".to_owned()),
            Self::Unreadable { .. } => None,
            Self::Malformed { .. } => Some(
                "it may be Docker's `config.json`, Podman's `auth.json`, or a Secret of type \
                 `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`"
                    .to_owned(),
            ),
            Self::Entry { server, path, .. } => Some(format!(
                "log in to `{server}` again, or take the entry out of `{}`",
                path.display()
            )),
            Self::Helper {
                helper, failure, path, ..
            } => Some(failure.help(helper, &path.display().to_string())),
        }
    }
}

impl HelperFailure {
    fn help(&self, helper: &str, path: &str) -> String {
        let instead = "or set `CHARTPIN_REGISTRY`, `CHARTPIN_USERNAME` and `CHARTPIN_PASSWORD`";
        match self {
            Self::NotInstalled => format!(
                "install `{helper}` in a folder of `PATH`, or take it out of `credsStore` or `credHelpers` in \
                 `{path}`, {instead}"
            ),
            Self::Name | Self::Server => format!("correct `credsStore` or `credHelpers` in `{path}`, {instead}"),
            _ => format!("run `{helper} list` to see whether it works, {instead}"),
        }
    }
}
