//! What a chart's templates make of an image: the reference that its pods get, and whether a digest may go to a place.

use std::collections::BTreeSet;

use super::Chart;
use crate::reference::Reference;
use crate::site::{ImageSite, PREFIX, Role};
use crate::source::SourceFile;
use crate::template::{FieldId, Filled, Filling, Found, Place, Reading, Values};
use crate::yaml::Step;

/// The parts of a site whose place in a text says that the text is this image.
const NAMING: [Role; 6] = [
    Role::Whole,
    Role::Override,
    Role::Repository,
    Role::Namespace,
    Role::Name,
    Role::Tag,
];

/// What templates do with one site.
#[derive(Debug, Clone)]
pub struct Usage<'a> {
    /// The chart's templates.
    pub reading: &'a Reading,
    /// The `image` fields that its parts go into.
    pub images: Vec<FieldId>,
    /// The other texts that its parts go into.
    pub others: Vec<FieldId>,
    binding: Vec<Step>,
}

/// Values with some of them changed: what a digest at a place would do.
struct Trial<'a> {
    /// The values as they stand.
    values: &'a dyn Values,
    /// What stands where then.
    changes: Vec<(Vec<Step>, String)>,
}

impl Values for Trial<'_> {
    fn at(&self, steps: &[Step]) -> Found {
        if let Some((_, text)) = self.changes.iter().find(|(path, _)| path == steps) {
            return Found::Scalar {
                is_true: !text.is_empty() && text != "false",
                kind: if matches!(text.as_str(), "true" | "false") {
                    "bool"
                } else {
                    "string"
                },
                text: text.clone(),
            };
        }
        self.values.at(steps)
    }
}

/// What a trial says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every image has the digest then, and nothing else changes that could break.
    Fits,
    /// Something would break, for this reason.
    Breaks(String),
    /// No image would have the digest.
    Unused,
    /// Templates cannot be followed far enough to tell.
    Unclear,
}

impl Chart {
    /// What templates do with a site; nothing where there are no templates, or the site stands in one.
    #[must_use]
    pub fn usage(&self, site: &ImageSite) -> Option<Usage<'_>> {
        let reading = self.reading()?;
        let mut found: BTreeSet<FieldId> = BTreeSet::new();
        let is_prefix = site.idiom == PREFIX;
        for part in site
            .parts
            .iter()
            .filter(|part| is_prefix || NAMING.contains(&part.role))
        {
            if let Some(path) = site.path_of(part) {
                found.extend(reading.uses(&path.0));
            }
        }
        let (images, others) = found.into_iter().partition(|id| reading.place(*id) == Place::Image);
        Some(Usage {
            reading,
            images,
            others,
            binding: site.path.0.clone(),
        })
    }
}

impl Usage<'_> {
    fn filling<'b>(&'b self, values: &'b dyn Values) -> Filling<'b> {
        Filling::new(self.reading, values, &self.binding)
    }

    /// What the image fields come to with these values, where they all come to the same.
    #[must_use]
    pub fn told(&self, values: &dyn Values) -> Option<Filled> {
        let mut told: Option<Filled> = None;
        for (_, filled) in self.filling(values).chosen(&self.images).into_values() {
            let filled = filled?;
            match &told {
                Some(known) if known.text() != filled.text() => return None,
                _ => told = Some(filled),
            }
        }
        told
    }

    /// What the image fields come to with some values changed, where they all come to the same.
    #[must_use]
    pub fn told_with(&self, values: &dyn Values, changes: Vec<(Vec<Step>, String)>) -> Option<Filled> {
        self.told(&Trial { values, changes })
    }

    /// What a text comes to with some values changed; nothing where that cannot be told.
    #[must_use]
    pub fn with(&self, values: &dyn Values, changes: Vec<(Vec<Step>, String)>, id: FieldId) -> Option<String> {
        let trial = Trial { values, changes };
        self.filling(&trial).fill(id).ok().map(|filled| filled.text())
    }

    /// The digest keys that the image fields read in the site's mapping, with whether `sha256:` stands before them.
    #[must_use]
    pub fn digest_keys(&self, mapping: &[Step]) -> Vec<(String, bool)> {
        let mut keys: Vec<(String, bool)> = Vec::new();
        for id in &self.images {
            for key in self.reading.digest_keys(*id, mapping) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    /// What `changes` would do, the first of which brings `digest`, for a site that is `image`.
    #[must_use]
    pub fn outcome(
        &self,
        values: &dyn Values,
        changes: Vec<(Vec<Step>, String)>,
        digest: &str,
        image: &Reference,
    ) -> Outcome {
        let Some(path) = changes.first().map(|(path, _)| path.clone()) else {
            return Outcome::Unclear;
        };
        if !self.reading.knows(&path) {
            return Outcome::Unclear;
        }
        let trial = Trial { values, changes };
        let (before, after) = (self.filling(values), self.filling(&trial));
        let mut references: BTreeSet<String> = BTreeSet::new();
        let mut pinned = after.chosen(&self.images);
        for (mapping, (id, old)) in before.chosen(&self.images) {
            let new = pinned.remove(&mapping).and_then(|(_, new)| new);
            let (Some(old), Some(new)) = (old, new) else {
                return Outcome::Breaks(format!(
                    "what the chart makes of it for {} cannot be followed",
                    self.name(id)
                ));
            };
            let (old, new) = (old.text(), new.text());
            if old == new && !is_image(&old, image) {
                continue;
            }
            if old == new {
                return Outcome::Breaks(format!("with a digest there, {} would still be without", self.name(id)));
            }
            if !is_image(&old, image) {
                return Outcome::Breaks(format!("it also makes another image, `{old}`, for {}", self.name(id)));
            }
            if !takes(&old, &new, digest) {
                let shown = new.replace(digest, "sha256:...");
                return Outcome::Breaks(format!("with a digest there, {} would be `{shown}`", self.name(id)));
            }
            references.insert(old);
        }
        match self.breaks(&path, &before, &after, &mut references, (digest, image)) {
            Some(reason) => Outcome::Breaks(reason),
            None if references.is_empty() && self.is_handed_on(&path, &before) => Outcome::Unclear,
            None if references.is_empty() => Outcome::Unused,
            None => Outcome::Fits,
        }
    }

    /// Why a digest at `path` would break something besides the image, where it would; adds the references that get it elsewhere.
    fn breaks(
        &self,
        path: &[Step],
        before: &Filling<'_>,
        after: &Filling<'_>,
        references: &mut BTreeSet<String>,
        (digest, image): (&str, &Reference),
    ) -> Option<String> {
        for id in self.reading.uses(path) {
            let place = self.reading.place(id);
            let is_off = place == Place::Elsewhere && before.is_active(id) == Some(false);
            if is_off || matches!(place, Place::Image | Place::Annotation | Place::Notes) {
                continue;
            }
            let (old, new) = match (before.fill(id), after.fill(id)) {
                (Ok(old), Ok(new)) => (old.text(), new.text()),
                _ => (String::new(), "?".to_owned()),
            };
            if old == new {
                continue;
            }
            let pinned = image_in(&old, references, image).filter(|reference| {
                place == Place::Elsewhere && old.replace(reference.as_str(), &format!("{reference}@{digest}")) == new
            });
            if let Some(reference) = pinned {
                references.insert(reference);
                continue;
            }
            return Some(match place {
                Place::Label => format!("it also lands in {}, and a label holds no digest", self.name(id)),
                _ => format!("it is also used for {}, which is no image", self.name(id)),
            });
        }
        let is_tag = after.values.at(path)
            != Found::Scalar {
                text: digest.to_owned(),
                is_true: true,
                kind: "string",
            };
        if let Some((function, place)) = self.reading.tests(path).first().filter(|_| is_tag) {
            let place = place
                .map(|(source, at)| format!(" ({})", line(source, at)))
                .unwrap_or_default();
            return Some(format!(
                "`{function}` in the chart's templates looks at it{place}, and would not know a digest"
            ));
        }
        let is_whole = path == self.binding;
        let handed = self.reading.spliced(path).into_iter().find(|id| {
            let is_harmless = matches!(self.reading.place(*id), Place::Annotation | Place::Notes);
            !is_harmless && !is_whole && before.is_active(*id) != Some(false)
        });
        handed.map(|id| format!("what stands around it is handed on whole to {}", self.name(id)))
    }

    /// Whether a whole reference at `path` goes somewhere with all that is around it: written out as it stands, or picked from there.
    fn is_handed_on(&self, path: &[Step], before: &Filling<'_>) -> bool {
        let reaches = |id: &FieldId| {
            let is_seen = !matches!(self.reading.place(*id), Place::Annotation | Place::Notes);
            is_seen && before.is_active(*id) != Some(false)
        };
        path == self.binding && self.reading.spliced(path).iter().any(reaches)
    }

    /// A text of the templates for a message: the key that it stands under, and where.
    #[must_use]
    pub fn name(&self, id: FieldId) -> String {
        let what = match (self.reading.place(id), self.reading.key(id)) {
            (Place::Label, Some(key)) => format!("the label `{key}`"),
            (_, Some(key)) => format!("`{key}`"),
            (_, None) => match self.reading.path(id).to_string() {
                path if path.is_empty() => "a text".to_owned(),
                path => format!("`{path}`"),
            },
        };
        match self.reading.template(id) {
            (_, Some((source, at))) => format!("{what} ({})", line(source, at)),
            (file, None) => format!("{what} ({})", file.path),
        }
    }
}

/// A place for a message.
fn line(source: &SourceFile, at: usize) -> String {
    format!("`{}:{}`", source.path, source.line_of(at.min(source.text.len())))
}

/// Whether `new` is the image `old` with `digest`.
fn takes(old: &str, new: &str, digest: &str) -> bool {
    let (Ok(old), Ok(new)) = (Reference::parse(old), Reference::parse(new)) else {
        return false;
    };
    let same_tag = new.tag().is_none() || new.tag() == old.tag();
    old.is_same_name(&new) && same_tag && new.digest() == Some(digest)
}

/// Whether a text is this image, digests aside.
fn is_image(text: &str, image: &Reference) -> bool {
    let same = |reference: Reference| {
        let same_tag = reference.tag() == image.tag() || (reference.tag().is_none() && reference.digest().is_some());
        reference.normalized_name() == image.normalized_name() && same_tag
    };
    Reference::parse(text).is_ok_and(same)
}

/// The reference to this image that stands in a longer text: one that a field has, or the image's own.
fn image_in(text: &str, references: &BTreeSet<String>, image: &Reference) -> Option<String> {
    let own = image.without_digest().to_owned();
    let known = references
        .iter()
        .cloned()
        .chain([own].into_iter().filter(|own| own.contains(':')));
    known.into_iter().find(|reference| stands_alone(text, reference))
}

/// Whether a reference stands in a text, and each time as itself: not as a part of a longer one.
fn stands_alone(text: &str, reference: &str) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@' | '+');
    let mut places = text.match_indices(reference).peekable();
    places.peek().is_some()
        && places.all(|(start, found)| {
            let before = &text[..start];
            let is_begun = !before.ends_with(belongs) || before.ends_with("://");
            is_begun && !text[start + found.len()..].starts_with(belongs)
        })
}
