//! Documents that come, change and go.

use std::path::Path;

use gen_lsp_types::{
    DidChangeTextDocumentParams, DidOpenTextDocumentParams, ErrorCodes, MessageType, TextDocumentContentChangeEvent,
    Uri,
};
use serde_json::Value;

use super::Server;
use crate::lsp::client::{Refusal, params};
use crate::lsp::workspace::is_configuration;

impl Server {
    /// Takes in a document.
    pub(super) fn opened(&mut self, given: DidOpenTextDocumentParams) {
        let Some(path) = self.documents.open(given.text_document) else {
            return;
        };
        if self.documents.at(&path).is_none() {
            let message = format!("`{}` is too large to be looked at", path.display());
            self.client.log(MessageType::Warning, message);
        }
        self.workspace.forget(&path);
        self.touch(&path);
    }

    /// Takes in changes of a document. Of one whose changes cannot be read nobody knows the text any more, and edits would go to wrong places: it
    /// counts as closed until it is opened again.
    pub(super) fn changed(&mut self, method: &str, given: Value) -> Result<(), Refusal> {
        let uri = given["textDocument"]["uri"].as_str().map(Uri::from);
        let changes = read_changes(method, given);
        if let (Err(_), Some(uri)) = (&changes, uri) {
            self.let_go(&uri);
        }
        let changes = changes?;
        let (version, uri) = (
            changes.text_document.version,
            changes.text_document.text_document_identifier.uri,
        );
        let encoding = self.client.abilities.encoding;
        if let Some(path) = self.documents.change(&uri, version, changes.content_changes, encoding) {
            self.touch(&path);
        }
        Ok(())
    }

    /// Lets go of a document: what is on disk counts again.
    pub(super) fn let_go(&mut self, uri: &Uri) {
        if let Some(document) = self.documents.close(uri) {
            self.workspace.forget(&document.path);
            self.unpublish(&document.path, &document.uri);
        }
    }

    /// Takes note that a document is new, or another one.
    fn touch(&mut self, path: &Path) {
        if is_configuration(path) {
            self.configurations.insert(path.to_owned());
        } else {
            self.workspace.touch(path);
        }
    }
}

/// Changes as they are meant: one with a range that is none is not the whole text.
fn read_changes(method: &str, given: Value) -> Result<DidChangeTextDocumentParams, Refusal> {
    let listed = given["contentChanges"].as_array();
    let ranges = listed.into_iter().flatten().filter(|change| !change["range"].is_null());
    let ranges = ranges.count();
    let read: DidChangeTextDocumentParams = params(method, given)?;
    let is_part = |change: &&TextDocumentContentChangeEvent| {
        matches!(
            change,
            TextDocumentContentChangeEvent::TextDocumentContentChangePartial(_)
        )
    };
    if read.content_changes.iter().filter(is_part).count() != ranges {
        let message = format!("`{method}`: a range is none");
        return Err(Refusal::new(ErrorCodes::InvalidParams, message));
    }
    Ok(read)
}
