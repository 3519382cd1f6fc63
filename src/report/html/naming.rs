//! What the page calls an image. Knows rows alone.

use crate::report::ImageRow;

/// The image as the page shows it. One of which nothing is known goes by its place, lest all such images be one.
pub(super) fn name(row: &ImageRow) -> [String; 4] {
    if let Ok(reference) = &row.whole {
        let part = |before: &str, part: Option<&str>| part.map_or_else(String::new, |part| format!("{before}{part}"));
        return [
            format!("{}/", reference.registry().unwrap_or_default()),
            reference.repository().to_owned(),
            part(":", reference.tag()),
            part("@", reference.digest()),
        ];
    }
    if row.registry.is_none() && row.repository.is_none() {
        return [
            String::new(),
            row.path.clone(),
            String::new(),
            format!(" in {}", row.file),
        ];
    }
    row.parts()
}
