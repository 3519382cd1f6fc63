//! An open document beside what is known of it: what every answer about one is made of.

use std::path::Path;

use gen_lsp_types::{
    DocumentChange, Edit as LspEdit, OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit,
    TextDocumentIdentifier, TextEdit, Uri, WorkspaceEdit,
};

use super::client::Abilities;
use super::documents::{Document, Documents};
use super::positions::span;
use super::project::Project;
use super::workspace::Workspace;
use crate::chart::{Chart, ChartFile};
use crate::edit::Edit;
use crate::finding::Finding;
use crate::site::{ImageSite, Part};
use crate::source::Span;

/// An open document, and its file in its chart.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub document: &'a Document,
    pub project: &'a Project,
    pub chart: &'a Chart,
    pub file: &'a ChartFile,
    pub abilities: Abilities,
}

impl<'a> View<'a> {
    /// The view of the document at a path; nothing where it is not open, or belongs to no chart and is no values file.
    pub(super) fn of(
        path: &Path,
        documents: &'a Documents,
        workspace: &'a Workspace,
        abilities: Abilities,
    ) -> Option<Self> {
        let document = documents.at(path)?;
        let project = workspace.project(path)?;
        let file = project.file(&project.shown(path))?;
        let is_same = file.source.text == document.text;
        is_same.then_some(())?;
        Some(Self {
            document,
            project,
            chart: project.chart()?,
            file,
            abilities,
        })
    }

    /// The findings in the document.
    pub(super) fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.project.findings(&self.file.source.path)
    }

    /// Bytes of the document as a range of the protocol.
    pub(super) fn range(&self, span: Span) -> Range {
        self.document
            .lines
            .range(&self.document.text, span, self.abilities.encoding)
    }

    /// A range of the protocol as bytes of the document.
    pub(super) fn span(&self, range: Range) -> Span {
        span(&self.document.text, range, self.abilities.encoding)
    }

    /// The image that a part stands in which these bytes touch, and the part.
    pub(super) fn site(&self, span: Span) -> Option<(&'a ImageSite, &'a Part)> {
        let touches = |part: &&Part| !part.inherited && part.at.start <= span.end && span.start <= part.at.end;
        let mut sites = self.file.sites.iter();
        sites.find_map(|site| Some((site, site.parts.iter().find(touches)?)))
    }

    /// Edits of the document, bound to its version where the client knows such.
    pub(super) fn edit(&self, edits: &[Edit]) -> WorkspaceEdit {
        let edits = edits.iter().map(|edit| TextEdit {
            range: self.range(edit.span),
            new_text: edit.text.clone(),
        });
        let uri: Uri = self.document.uri.clone();
        if !self.abilities.versions {
            return WorkspaceEdit {
                changes: Some([(uri, edits.collect())].into()),
                ..WorkspaceEdit::default()
            };
        }
        let change = TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier {
                version: Some(self.document.version),
                text_document_identifier: TextDocumentIdentifier { uri },
            },
            edits: edits.map(LspEdit::TextEdit).collect(),
        };
        WorkspaceEdit {
            document_changes: Some(vec![DocumentChange::TextDocumentEdit(change)]),
            ..WorkspaceEdit::default()
        }
    }
}
