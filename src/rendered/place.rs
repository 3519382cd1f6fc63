//! Where something stands in rendered manifests, in words that a person can search for.

use std::fmt;
use std::sync::Arc;

use crate::source::{floor_boundary, shown_in_line};

/// A document of a render and a path in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Kind and name: `Deployment/web`.
    pub document: Arc<str>,
    /// The namespace, where the document says one.
    pub namespace: Option<Arc<str>>,
    /// The template that the document comes from: `web/templates/deployment.yaml`.
    pub template: Option<Arc<str>>,
    /// The dotted path of keys; empty for the whole document.
    pub path: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = |text: &str| excerpt(text, text.len());
        write!(f, "`{}`", clean(&self.document))?;
        if let Some(namespace) = &self.namespace {
            write!(f, " in namespace `{}`", clean(namespace))?;
        }
        if !self.path.is_empty() {
            write!(f, " at `{}`", clean(&self.path))?;
        }
        match &self.template {
            Some(template) => write!(f, " (`{}`)", clean(template)),
            None => Ok(()),
        }
    }
}

/// At most `limit` bytes of `text`, in one line and fit for a terminal.
pub(super) fn excerpt(text: &str, limit: usize) -> String {
    let end = floor_boundary(text, limit);
    let mut out: String = text[..end].chars().map(shown_in_line).collect();
    if end < text.len() {
        out.push('…');
    }
    out
}
