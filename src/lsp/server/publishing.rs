//! What the client shows of findings, and what a person is told of configurations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gen_lsp_types::{Diagnostic, MessageType, PublishDiagnosticsNotification, PublishDiagnosticsParams, Uri};

use super::{Server, State};
use crate::config::{RuleFlags, Settings};
use crate::guard::guarded;
use crate::lsp::diagnostics::{diagnostics, of_config};
use crate::lsp::group::Trouble;
use crate::lsp::uri::uri_of;
use crate::lsp::view::View;

impl Server {
    /// Brings everything up to date, and publishes what is new.
    pub(super) fn settle(&mut self) {
        if self.state != State::Running {
            return;
        }
        let (changed, said) = self.workspace.settle(&self.documents);
        for bug in said {
            self.client.log(MessageType::Error, bug);
        }
        for path in changed {
            let Some(document) = self.documents.at(&path) else {
                continue;
            };
            let view = View::of(&path, &self.documents, &self.workspace, self.client.abilities);
            let found = guarded("showing findings", || view.map(|view| diagnostics(&view)));
            let (uri, version) = (document.uri.clone(), document.version);
            let found = found.unwrap_or_else(|bug| {
                self.client.log(MessageType::Error, bug);
                None
            });
            let found = found.unwrap_or_default();
            self.publish(&path, &uri, Some(version), found);
        }
        for path in std::mem::take(&mut self.configurations) {
            let Some(document) = self.documents.at(&path) else {
                continue;
            };
            let error = Settings::read(&document.text, &RuleFlags::default()).err();
            let encoding = self.client.abilities.encoding;
            let found = error.map(|error| of_config(&error, &document.text, encoding));
            let (uri, version) = (document.uri.clone(), document.version);
            self.publish(&path, &uri, Some(version), found.into_iter().collect());
        }
        self.tell_troubles();
    }

    /// Takes what is shown of a document away, which is closed.
    pub(super) fn unpublish(&mut self, path: &Path, uri: &Uri) {
        if self.published.remove(path).is_some() {
            self.client
                .notify::<PublishDiagnosticsNotification>(&PublishDiagnosticsParams {
                    uri: uri.clone(),
                    version: None,
                    diagnostics: Vec::new(),
                });
        }
    }

    /// Says what is wrong with configurations: in the file, where it is not open, and to the person, once.
    fn tell_troubles(&mut self) {
        let encoding = self.client.abilities.encoding;
        let mut said = BTreeSet::new();
        for (path, trouble) in self.workspace.troubles.clone() {
            let shown = path.display();
            let message = match &trouble {
                Trouble::At(error, text) => {
                    if let (None, Some(uri)) = (self.documents.at(&path), uri_of(&path)) {
                        self.publish(&path, &uri, None, vec![of_config(error, text, encoding)]);
                    }
                    format!("`{shown}`: {error}")
                }
                Trouble::Unreadable(message) => format!("`{shown}`: {message}"),
            };
            if !self.told.contains(&message) {
                self.client.show(MessageType::Warning, message.clone());
            }
            said.insert(message);
        }
        self.told = said;
        let is_mended =
            |path: &&PathBuf| self.documents.at(path).is_none() && !self.workspace.troubles.contains_key(*path);
        let mended: Vec<PathBuf> = self.published.keys().filter(is_mended).cloned().collect();
        for (path, uri) in mended.iter().filter_map(|path| Some((path, uri_of(path)?))) {
            self.unpublish(path, &uri);
        }
    }

    /// Publishes the diagnostics of a file, where they are others or belong to another version.
    fn publish(&mut self, path: &Path, uri: &Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        let new = PublishDiagnosticsParams {
            uri: uri.clone(),
            version,
            diagnostics,
        };
        if self.published.get(path) != Some(&new) {
            self.client.notify::<PublishDiagnosticsNotification>(&new);
            self.published.insert(path.to_owned(), new);
        }
    }
}
