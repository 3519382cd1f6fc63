//! Helpers of libraries that many charts use, for charts whose library is not there: what they are known to put out, in templates of our own.

/// The name and the text of each file.
pub(super) const KNOWN: &[(&str, &str)] = &[
    ("helm-toolkit", include_str!("known/helm-toolkit.tpl")),
    ("common", include_str!("known/common.tpl")),
];
