//! Whether one text is another with digests behind its image references, and nothing else changed.

use super::images::is_telling;
use crate::reference::Reference;

/// A reference that got its digest, before and after.
pub(super) type Repinned<'a> = (&'a str, &'a str);

/// Whether `after` is the image of `before`, as typed, now ending in a digest; the tag may have gone, where the digest stands in its place.
///
/// A single word is taken for an image only where `sure`: `1.25` could be a version.
pub(super) fn is_repinned(before: &str, after: &str, sure: bool) -> bool {
    let (Ok(before), Ok(after)) = (Reference::parse(before), Reference::parse(after)) else {
        return false;
    };
    let is_pinned = after.digest().is_some_and(|digest| digest.starts_with("sha256:"));
    let is_same_tag = after.tag().is_none() || after.tag() == before.tag();
    is_pinned && before.is_same_name(&after) && is_same_tag && (sure || is_telling(&before))
}

/// The references within `before` that got digests, where that is all that `after` changes; nothing where it is not.
pub(super) fn repinned_within<'a>(before: &'a str, after: &'a str) -> Option<Vec<Repinned<'a>>> {
    let mut found = Vec::new();
    let mut after_runs = runs(after);
    for old in runs(before) {
        let new = after_runs.next()?;
        if old == new {
            continue;
        }
        let (old, new) = without_scheme(old, new);
        if !is_repinned(old, new, false) {
            return None;
        }
        found.push((old, new));
    }
    (after_runs.next().is_none() && !found.is_empty()).then_some(found)
}

/// The runs of characters that references are made of, and what stands between them.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest
            .find(|c| is_of_reference(c) != is_of_reference(first))
            .unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        rest = tail;
        Some(run)
    })
}

const fn is_of_reference(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@')
}

/// Both without the scheme that they share, such as `docker://`.
fn without_scheme<'a>(before: &'a str, after: &'a str) -> Repinned<'a> {
    let (Some((scheme, old)), Some((same, new))) = (before.split_once("://"), after.split_once("://")) else {
        return (before, after);
    };
    if scheme == same { (old, new) } else { (before, after) }
}
