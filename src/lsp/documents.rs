//! The documents that an editor has open, as it has them: what stands on disk does not count for these.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};

use super::positions::{Encoding, Lines, span};
use super::uri::path_of;
use crate::walk::MAX_FILE;

/// An open document.
#[derive(Debug)]
pub(super) struct Document {
    /// Its address, as the client writes it.
    pub uri: Uri,
    /// Where it is, or will be.
    pub path: PathBuf,
    /// The client's number of this text.
    pub version: i32,
    /// Its text.
    pub text: Arc<str>,
    /// The lines of the text.
    pub lines: Lines,
}

/// The open documents, by their paths.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<PathBuf, Document>,
}

impl Documents {
    /// Takes in a document; gives its path, or nothing for one that is no file.
    pub(super) fn open(&mut self, item: TextDocumentItem) -> Option<PathBuf> {
        let path = path_of(&item.uri)?;
        let document = Document {
            uri: item.uri,
            path: path.clone(),
            version: item.version,
            lines: Lines::new(&item.text),
            text: item.text.into(),
        };
        self.open.insert(path.clone(), document);
        Some(path)
    }

    /// Applies changes in their order, each to what the one before it left; gives the path of the document, where it is open.
    pub(super) fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Option<PathBuf> {
        let path = path_of(uri)?;
        let document = self.open.get_mut(&path)?;
        let mut text = document.text.to_string();
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let span = span(&text, part.range, encoding);
                    text.replace_range(span.range(), &part.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => text = whole.text,
            }
        }
        document.lines = Lines::new(&text);
        document.version = version;
        document.text = text.into();
        Some(path)
    }

    /// Lets go of a document; gives it, where it was open.
    pub(super) fn close(&mut self, uri: &Uri) -> Option<Document> {
        self.open.remove(&path_of(uri)?)
    }

    /// The open document at a path, where it is small enough to be read.
    pub(super) fn at(&self, path: &Path) -> Option<&Document> {
        self.open
            .get(path)
            .filter(|document| document.text.len() as u64 <= MAX_FILE)
    }

    /// All of them that are small enough to be read, by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.open
            .values()
            .filter(|document| document.text.len() as u64 <= MAX_FILE)
    }
}
