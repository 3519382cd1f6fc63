//! Which findings stand beside which image. Knows places alone: files, lines, key paths.

use std::collections::HashMap;

use crate::report::Outcome;

/// The findings that speak of each image: those below its key path, and those on the line of a template that it goes into.
pub(super) fn findings(outcome: &Outcome) -> Vec<Vec<usize>> {
    let images = &outcome.inventory.images;
    let mut by_path: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    let mut by_line: HashMap<(&str, usize), Vec<usize>> = HashMap::new();
    for (index, image) in images.iter().enumerate() {
        by_path.entry((&image.file, &image.path)).or_default().push(index);
        by_line.entry((&image.file, image.line)).or_default().push(index);
        let places = image
            .used_by
            .iter()
            .flatten()
            .filter_map(|usage| usage.place.as_deref());
        for (file, line) in places.filter_map(|place| place.rsplit_once(':')) {
            if let Ok(line) = line.parse() {
                by_line.entry((file, line)).or_default().push(index);
            }
        }
    }
    let mut beside = vec![Vec::new(); images.len()];
    for (number, finding) in outcome.findings.iter().enumerate() {
        let by_path = finding.path.as_deref().and_then(|path| {
            let mut above = paths_above(path);
            above.find_map(|path| by_path.get(&(finding.file.as_ref(), path)))
        });
        let line = outcome.place(finding).0.line;
        for image in by_path
            .or_else(|| by_line.get(&(finding.file.as_ref(), line)))
            .into_iter()
            .flatten()
        {
            let known: &mut Vec<usize> = &mut beside[*image];
            if known.last() != Some(&number) {
                known.push(number);
            }
        }
    }
    beside
}

/// A key path and those above it, the longest first.
fn paths_above(path: &str) -> impl Iterator<Item = &str> {
    let steps = path.rmatch_indices(['.', '[', '~']).map(|(at, _)| &path[..at]);
    std::iter::once(path).chain(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_below_an_image_finds_it_by_the_paths_above() {
        let above: Vec<&str> = paths_above("a.b[0].tag").collect();
        assert_eq!(above, ["a.b[0].tag", "a.b[0]", "a.b", "a"]);
    }
}
