//! Helpers of libraries that many charts use, for charts whose library is not there: what they are known to put out, in templates of our own.

use std::sync::OnceLock;

use super::file::TemplateFile;
use crate::source::SourceFile;

/// The name and the text of each file.
const KNOWN: &[(&str, &str)] = &[
    ("helm-toolkit", include_str!("known/helm-toolkit.tpl")),
    ("common", include_str!("known/common.tpl")),
];

/// The files, parsed once.
pub(super) fn files() -> &'static [TemplateFile] {
    static FILES: OnceLock<Vec<TemplateFile>> = OnceLock::new();
    FILES.get_or_init(|| {
        let file = |(name, text): &(&str, &str)| TemplateFile::new(SourceFile::new(*name, *text));
        KNOWN.iter().map(file).collect()
    })
}
