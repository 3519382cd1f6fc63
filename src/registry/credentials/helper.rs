//! Credential helpers: programs that keep credentials and are asked for one server at a time.
//!
//! What a helper says is never shown, for it may hold secrets. It must not know of credential files.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde::Deserialize;

use super::process::{self, Output};
use super::{Credential, HelperFailure, Secret};
use crate::program::on_path;

/// How long a helper may take: it may ask the user for a password.
const LIMIT: Duration = Duration::from_secs(15);

/// The longest name of a server, in bytes: a pipe takes it at once, whether or not anybody reads.
const MAX_SERVER: usize = 1024;

/// What a helper says, with a status other than zero, when it has nothing for the server.
const NOT_FOUND: &str = "credentials not found";

/// The user name with which a helper says that its secret is an identity token.
const TOKEN_USER: &str = "<token>";

/// What a helper knows of a server.
type Answer = Result<Option<Credential>, HelperFailure>;

/// Answers by the names of helper and server. Who comes while the helper runs waits for its answer.
type Answers = HashMap<(String, String), Arc<OnceLock<Answer>>>;

/// The helpers on a search path, and what they said.
#[derive(Debug)]
pub(super) struct Helpers {
    search_path: Option<OsString>,
    limit: Duration,
    answers: Mutex<Answers>,
}

impl Helpers {
    pub(super) fn new(search_path: Option<OsString>) -> Self {
        Self {
            search_path,
            limit: LIMIT,
            answers: Mutex::default(),
        }
    }

    /// Asks the helper `name` for the credential of `server`, once.
    ///
    /// # Errors
    /// When it cannot be asked or gives no answer.
    pub(super) fn ask(&self, name: &str, server: &str) -> Answer {
        let key = (name.to_owned(), server.to_owned());
        let cell = {
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(answers.entry(key).or_default())
        };
        cell.get_or_init(|| self.run(name, server)).clone()
    }

    fn run(&self, name: &str, server: &str) -> Answer {
        if !is_plain_name(name) {
            return Err(HelperFailure::Name);
        }
        // A line break would make two lines of the question.
        if server.len() > MAX_SERVER || server.chars().any(char::is_control) {
            return Err(HelperFailure::Server);
        }
        let program = on_path(&program_name(name), self.search_path.as_deref()).ok_or(HelperFailure::NotInstalled)?;
        let output = process::run(&program, &format!("{server}\n"), self.limit)
            .map_err(|error| HelperFailure::Broken(error.kind().to_string()))?
            .ok_or(HelperFailure::TimedOut(self.limit.as_secs()))?;
        read(&output)
    }
}

/// The program behind a helper's name.
pub(super) fn program_name(name: &str) -> String {
    format!("docker-credential-{name}")
}

/// Whether no path can be hidden in the name.
fn is_plain_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !name.is_empty() && name.bytes().all(is_plain)
}

/// What a helper answers to `get`, of which the server's name is not needed.
#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "Username", default)]
    username: String,
    #[serde(rename = "Secret")]
    secret: String,
}

fn read(output: &Output) -> Answer {
    if output.is_cut {
        return Err(HelperFailure::TooLong);
    }
    if !output.status.success() {
        return if says_not_found(&output.out) || says_not_found(&output.err) {
            Ok(None)
        } else {
            Err(HelperFailure::Failed(output.status.to_string()))
        };
    }
    let reply: Reply = serde_json::from_slice(&output.out).map_err(|_| HelperFailure::Answer)?;
    let secret = Secret(reply.secret);
    Ok(match reply.username.as_str() {
        "" if secret.expose().is_empty() => None,
        TOKEN_USER => Some(Credential::IdentityToken(secret)),
        _ => Some(Credential::Basic {
            username: reply.username,
            password: secret,
        }),
    })
}

fn says_not_found(output: &[u8]) -> bool {
    String::from_utf8_lossy(output).to_ascii_lowercase().contains(NOT_FOUND)
}

/// A temporary folder with credential files and helpers, for tests.
#[cfg(test)]
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "tests write the files that are read")]
pub(super) mod fixture {
    use std::ffi::OsString;
    use std::fs;
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::process::{Command, Stdio};

    use tempfile::TempDir;

    pub(in crate::registry::credentials) struct Folder(TempDir);

    impl Folder {
        pub(in crate::registry::credentials) fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        pub(in crate::registry::credentials) fn path(&self) -> PathBuf {
            self.0.path().to_owned()
        }

        pub(in crate::registry::credentials) fn search_path(&self) -> OsString {
            self.path().into_os_string()
        }

        pub(in crate::registry::credentials) fn file(&self, name: &str, text: &str) -> PathBuf {
            let path = self.path().join(name);
            fs::write(&path, text).unwrap();
            path
        }

        /// A helper that notes what it is asked for and then runs `body`, in a shell that knows `$server`.
        ///
        /// A shell writes it, too: were it open in this process, what others start could keep it from running.
        pub(in crate::registry::credentials) fn helper(&self, name: &str, body: &str) {
            let (path, asked) = (
                self.path().join(format!("docker-credential-{name}")),
                self.path().join("asked"),
            );
            let script = format!(
                "#!/bin/sh\nread -r server\necho \"$1 $server\" >> '{}'\n{body}\n",
                asked.display()
            );
            let mut shell = Command::new("/bin/sh")
                .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
                .arg(path)
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
            assert!(shell.wait().unwrap().success());
        }

        /// What helpers were asked for.
        pub(in crate::registry::credentials) fn asked(&self) -> Vec<String> {
            let text = fs::read_to_string(self.path().join("asked")).unwrap_or_default();
            text.lines().map(str::to_owned).collect()
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
