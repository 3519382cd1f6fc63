//! Credentials for registries: where they lie, and which of them a repository wants.
//!
//! Files are read in `file` and helpers run in `process`. It must not know the environment, whose values are handed in,
//! nor how a registry is asked. A secret is shown nowhere: not in a message, and not in debug output.

mod content;
mod entry;
mod error;
mod file;
mod helper;
mod process;
mod scope;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use self::entry::Entry;
pub use self::error::CredentialError;
use self::error::HelperFailure;
use self::file::Known;
use self::helper::Helpers;
use self::scope::{Scope, Wanted};

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whoever sends it to the registry.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What to show to a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Credential {
    /// Nothing.
    Anonymous,
    /// A user name and a password.
    Basic {
        /// The user name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A token to get other tokens with.
    IdentityToken(Secret),
    /// A token to show to the registry as it is.
    RegistryToken(Secret),
}

/// Where credentials may lie.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The registry, perhaps with the beginning of a repository's name, and the user name and password for it alone.
    pub explicit: Option<(String, String, Secret)>,
    /// Files, of which the first that knows the registry wins.
    pub files: Vec<CredentialFile>,
    /// Where to search for credential helpers, in the form of `PATH`.
    pub search_path: Option<OsString>,
}

/// A file that may hold credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFile {
    /// The file.
    pub path: PathBuf,
    /// Whether the user named it, so that it must exist.
    pub required: bool,
}

/// The credentials that there are.
#[derive(Debug)]
pub(super) struct Keyring {
    explicit: Option<(Scope, Credential)>,
    files: Vec<Known>,
    helpers: Helpers,
}

impl Keyring {
    /// Reads the files once; an entry in them that is broken matters only when it is needed.
    ///
    /// # Errors
    /// When a file that must exist does not, or a file cannot be read or is no credential file.
    pub(super) fn read(sources: &Sources) -> Result<Self, CredentialError> {
        let explicit = sources.explicit.as_ref().map(|(registry, username, password)| {
            let credential = Credential::Basic {
                username: username.clone(),
                password: password.clone(),
            };
            (Scope::new(registry), credential)
        });
        let files: Result<Vec<_>, _> = sources
            .files
            .iter()
            .filter_map(|known| file::read(known).transpose())
            .collect();
        Ok(Self {
            explicit,
            files: files?,
            helpers: Helpers::new(sources.search_path.clone()),
        })
    }

    /// The credential for `repository` at `registry`. It may run a credential helper, and blocks until that is done.
    ///
    /// # Errors
    /// When the entry for the registry is broken, or a helper that is to be asked for it gives no answer.
    pub(super) fn find(&self, registry: &str, repository: &str) -> Result<Credential, CredentialError> {
        let wanted = Wanted::new(registry, repository);
        let explicit = self
            .explicit
            .as_ref()
            .filter(|(scope, _)| scope.covers_exactly(&wanted));
        if let Some((_, credential)) = explicit {
            return Ok(credential.clone());
        }
        for file in &self.files {
            if let Some(credential) = self.ask_helper(file, &wanted)? {
                return Ok(credential);
            }
            if let Some((scope, entry)) = closest(&file.content.auths, &wanted) {
                return take(file, scope, entry);
            }
        }
        Ok(Credential::Anonymous)
    }

    /// What the helper says that `file` names for the repository: one for the registry alone wins over the store.
    fn ask_helper(&self, file: &Known, wanted: &Wanted<'_>) -> Result<Option<Credential>, CredentialError> {
        let (name, servers) = match (closest(&file.content.helpers, wanted), &file.content.store) {
            // An empty name is how a registry is kept out of the store.
            (Some((scope, name)), _) if !name.is_empty() => (name, scope.servers(wanted)),
            (None, Some(name)) => (name, wanted.servers()),
            _ => return Ok(None),
        };
        for server in servers {
            let answer = self.helpers.ask(name, &server);
            let answer = answer.map_err(|failure| CredentialError::Helper {
                helper: shown(&helper::program_name(name)),
                path: file.path.clone(),
                server: shown(&server),
                failure,
            })?;
            if answer.is_some() {
                return Ok(answer);
            }
        }
        Ok(None)
    }
}

/// The first of the values whose scope fits the repository best.
fn closest<'a, T>(values: &'a [(Scope, T)], wanted: &Wanted<'_>) -> Option<&'a (Scope, T)> {
    let fitting = values.iter().filter_map(|value| Some((value.0.fit(wanted)?, value)));
    // Of equals the last would win, and so they come in reverse.
    let best = fitting.rev().max_by_key(|(fit, _)| *fit);
    best.map(|(_, value)| value)
}

fn take(file: &Known, scope: &Scope, entry: &Entry) -> Result<Credential, CredentialError> {
    entry.clone().map_err(|problem| CredentialError::Entry {
        path: file.path.clone(),
        server: scope.to_string(),
        problem,
    })
}

/// A name for a message, of which a file or a chart may have made anything: in one line, and not too long.
fn shown(name: &str) -> String {
    const MAX: usize = 100;
    let text: String = name.chars().take(MAX).flat_map(char::escape_debug).collect();
    if name.chars().nth(MAX).is_some() {
        text + "..."
    } else {
        text
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
