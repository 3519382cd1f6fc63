//! Credential files, told apart by what they hold. At the edge: files are read here.
//!
//! It must not know of helpers' processes. No message shows what a file holds, so that no secret gets into a log.
#![expect(clippy::disallowed_methods, reason = "the edge: credential files are read here")]

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use super::content::{self, Content};
use super::{CredentialError, CredentialFile};
use crate::system::said;

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// A file that was read.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) path: PathBuf,
    pub(super) content: Content,
}

/// Reads `file`, or nothing where it may be absent and is.
///
/// # Errors
/// When the file is required and absent, cannot be read, or is no credential file.
pub(super) fn read(file: &CredentialFile) -> Result<Option<Known>, CredentialError> {
    let path = file.path.clone();
    let bytes = match read_bytes(file) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let missing = CredentialError::Missing { path };
            return if file.required { Err(missing) } else { Ok(None) };
        }
        Err(error) => {
            let reason = said(&error);
            return Err(CredentialError::Unreadable { path, reason });
        }
    };
    match parse(bytes) {
        Ok(content) => Ok(Some(Known { path, content })),
        Err(problem) => Err(CredentialError::Malformed { path, problem }),
    }
}

fn read_bytes(file: &CredentialFile) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(&file.path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(bytes: Vec<u8>) -> Result<Content, String> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("it is larger than {} MiB", MAX_FILE / 1024 / 1024));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    content::parse(&text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read_text(text: &[u8], required: bool) -> Result<Option<Known>, CredentialError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("auth");
        fs::write(&path, text).unwrap();
        read(&CredentialFile { path, required })
    }

    #[test]
    fn only_a_required_file_must_exist() {
        let dir = tempfile::tempdir().unwrap();
        let file = |required| CredentialFile {
            path: dir.path().join("none"),
            required,
        };
        assert!(read(&file(false)).unwrap().is_none());
        let error = read(&file(true)).unwrap_err();
        assert!(matches!(error, CredentialError::Missing { .. }) && error.to_string().contains("none`"));
        let below_a_file = dir.path().join("file");
        fs::write(&below_a_file, "").unwrap();
        let path = below_a_file.join("config.json");
        assert!(read(&CredentialFile { path, required: false }).unwrap().is_none());
    }

    #[test]
    fn a_folder_cannot_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        let error = read(&CredentialFile { path, required: false }).unwrap_err();
        assert!(matches!(error, CredentialError::Unreadable { .. }), "{error}");
        assert!(!error.to_string().contains("os error"), "{error}");
    }

    #[test]
    fn an_empty_file_knows_nothing() {
        for text in ["", " \n", "\u{feff}", "\u{feff}{}", "{}", "# nothing\n"] {
            let known = read_text(text.as_bytes(), true).unwrap().unwrap();
            assert!(
                known.content.auths.is_empty() && known.content.store.is_none(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_file_of_more_than_a_mebibyte_is_refused() {
        let mut text = b"{}".to_vec();
        text.resize(1024 * 1024, b' ');
        assert!(read_text(&text, false).is_ok());
        text.push(b' ');
        let error = read_text(&text, false).unwrap_err();
        assert!(error.to_string().ends_with("it is larger than 1 MiB"), "{error}");
    }

    #[test]
    fn a_file_that_is_not_utf_8_is_an_error_with_its_name() {
        let error = read_text(b"{\"auths\": \"\xff\"}", false).unwrap_err();
        assert!(
            error.to_string().ends_with("auth` cannot be used: it is not UTF-8"),
            "{error}"
        );
        assert!(error.help().unwrap().contains("config.json"));
    }
}
