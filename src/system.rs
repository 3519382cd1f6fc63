//! What the operating system says where it refuses something, in words that people read. Touches nothing itself.

use std::io::{Error, ErrorKind};

/// What an I/O error says: in lower case, since it ends a sentence, and without its number and the names of temporary files.
#[must_use]
pub fn said(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string();
            let end = [" (os error", " at path"]
                .iter()
                .filter_map(|mark| text.find(mark))
                .min();
            text[..end.unwrap_or(text.len())].to_lowercase()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_numbers_nor_temporary_files_are_named() {
        let cases = [
            (Error::from(ErrorKind::NotFound), "there is no such file or folder"),
            (Error::from(ErrorKind::PermissionDenied), "permission denied"),
            (
                Error::other("No space left on device (os error 28)"),
                "no space left on device",
            ),
            (
                Error::other("Read-only file system (os error 30) at path \"/tmp/.x\""),
                "read-only file system",
            ),
            (Error::other("It is full at path \"/tmp/.x\""), "it is full"),
        ];
        for (error, expected) in cases {
            assert_eq!(said(&error), expected);
        }
    }
}
