//! Between addresses of documents and paths. The one home of url.

use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;
use url::Url;

/// The path of a `file:` address, from the root; nothing for any other address.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let url = Url::parse(&uri.0).ok().filter(|url| url.scheme() == "file")?;
    url.to_file_path().ok()
}

/// The address of a path from the root.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    Url::from_file_path(path).ok().map(|url| Uri(url.into()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_characters_and_other_schemes_have_no_path() {
        let path = |text: &str| path_of(&Uri::from(text));
        assert_eq!(path("file:///a%20b/%C3%A9.yaml"), Some(PathBuf::from("/a b/é.yaml")));
        assert_eq!(uri_of(Path::new("/a b/é.yaml")).unwrap().0, "file:///a%20b/%C3%A9.yaml");
        for other in [
            "untitled:Untitled-1",
            "git:/a",
            "https://example.com/a",
            "values.yaml",
            "",
        ] {
            assert_eq!(path(other), None, "{other}");
        }
    }
}
