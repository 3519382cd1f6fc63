//! Image sites: the places in a chart's files that name an image, and the reference that each comes to.
//!
//! A site is plain data over one file. Knows the shapes of values, not the charts around them: what lives elsewhere (`appVersion`, the
//! defaults under an override) is handed in.

mod compose;
mod find;
mod gap;
mod idiom;
mod named;
mod plausible;
mod scope;

pub use compose::Composed;
pub use find::{Defaults, Finder, KeyIdiom};
pub use gap::Gap;
pub use named::named;

use std::borrow::Cow;
use std::ops::Range;

use crate::reference::{Reference, ReferenceError};
use crate::source::Span;
use crate::yaml::{HelmScalar, KeyPath, Step, Style};
use compose::Join;

/// The shape that is a part of images and no image.
pub const PREFIX: &str = "registry-prefix";

/// What one part of an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A whole reference in one scalar.
    Whole,
    /// The registry, or registry and the head of the repository.
    Registry,
    /// A namespace between registry and name.
    Namespace,
    /// The repository, with or without registry.
    Repository,
    /// What is glued to the repository.
    Suffix,
    /// What is put before the tag.
    TagPrefix,
    /// The tag.
    Tag,
    /// What is put behind the tag.
    Variant,
    /// The digest.
    Digest,
    /// A whole reference that replaces the other parts where it is set.
    Override,
    /// The switch that makes the digest count.
    UseDigest,
    /// The last part of a name whose head lives elsewhere in the values.
    Name,
    /// A part that the chart's templates join in a way that its values do not show.
    Opaque,
}

/// One scalar of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What it is.
    pub role: Role,
    /// The source text without quotes; empty where the value is null.
    pub text: String,
    /// The bytes of the text in the file, without quotes; for an alias, those of the anchored scalar.
    pub span: Span,
    /// Where the part stands at this site: the token, or the alias.
    pub at: Span,
    /// The bytes of the key.
    pub key: Option<Span>,
    /// The name of the key in the site's mapping.
    pub name: Option<Box<str>>,
    /// How the scalar is written.
    pub style: Style,
    /// What Helm reads.
    pub helm: HelmScalar,
    /// Whether a placeholder stands in it.
    pub templated: bool,
    /// Whether it comes from elsewhere: the chart's defaults, or what the file says once for all its images.
    pub inherited: bool,
    /// Whether the scalar has an anchor that aliases stand for, so that an edit would reach other places, too.
    pub shared: bool,
}

impl Part {
    /// Whether the part says nothing: null or the empty string.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

/// How far a site's reference can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// The file says it all.
    Literal,
    /// A placeholder stands in one of its parts.
    Templated,
    /// A part lives elsewhere: in `appVersion`, in a global registry, in the defaults under an override, in a template.
    Fragment,
    /// An override deletes the default with null.
    Deleted,
}

impl State {
    /// The state in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Literal => "literal",
            Self::Templated => "templated",
            Self::Fragment => "fragment",
            Self::Deleted => "deleted",
        }
    }
}

/// One place that names an image: one scalar, or sibling keys.
#[derive(Debug, Clone)]
pub struct ImageSite {
    /// The name of the shape it is written in.
    pub idiom: Cow<'static, str>,
    /// Where it stands.
    pub path: KeyPath,
    /// The mapping that its keys stand in.
    pub mapping: KeyPath,
    /// The bytes of the node that stands for the site: the mapping, or the scalar.
    pub span: Span,
    /// How far its reference can be known.
    pub state: State,
    /// Its scalars, in the order of the idiom.
    pub parts: Vec<Part>,
    /// The reference as the chart composes it; `None` where it cannot be known.
    pub composed: Option<Composed>,
    /// Whether the site is a value of a subchart, whose own defaults supply what is left out.
    pub of_subchart: bool,
    /// The chart's `appVersion`, where it stands in for the tag.
    pub app_version: Option<String>,
    /// Whether the chart's templates were read and say what it composes.
    pub is_told: bool,
    /// Whether `tag@digest` may stand in its tag: charts of its shape join the tag as text, and use it for nothing else.
    pub tag_holds_digest: bool,
    pub(crate) joins: &'static [Join],
}

/// Whether the value under `key` is a pull policy.
#[must_use]
pub fn is_pull_policy(key: &str) -> bool {
    key.ends_with("olicy") && matches!(plausible::folded(key).as_str(), "pullpolicy" | "imagepullpolicy")
}

impl ImageSite {
    /// An image that stands in a template, below these keys.
    #[must_use]
    pub fn in_template(path: KeyPath, text: &str, span: Span) -> Self {
        let part = Part {
            role: Role::Whole,
            text: text.to_owned(),
            span,
            at: span,
            key: None,
            name: None,
            style: Style::Plain,
            helm: HelmScalar::Text(text.to_owned()),
            templated: false,
            inherited: false,
            shared: false,
        };
        idiom::finish("template", path, span, vec![part], &[], false)
    }

    /// The part of this role, where the site has the key.
    #[must_use]
    pub fn part(&self, role: Role) -> Option<&Part> {
        self.parts.iter().find(|part| part.role == role)
    }

    /// The part of this role, where it says something.
    #[must_use]
    pub fn filled(&self, role: Role) -> Option<&Part> {
        self.part(role).filter(|part| !part.is_blank())
    }

    /// Where a part stands in the values; nothing for what the file says once for all its images.
    #[must_use]
    pub fn path_of(&self, part: &Part) -> Option<KeyPath> {
        if part.role == Role::Whole {
            return Some(self.path.clone());
        }
        let name = part.name.as_deref()?;
        Some(self.mapping.child(Step::Key(name.to_owned())))
    }

    /// Takes what the chart's templates say for its reference: `text`, with the bytes that each piece of it stands on.
    pub fn tell(&mut self, text: String, pieces: Vec<(Range<usize>, Span)>, app_version: Option<String>) {
        let composed = Composed::told(text, pieces);
        let of_defaults = |part: &Part| part.inherited && part.name.is_some();
        let inherits = self.parts.iter().any(|part| of_defaults(part) && !part.is_blank());
        self.is_told = true;
        self.app_version = app_version;
        if composed.reference.is_ok() && self.state == State::Fragment && !inherits {
            self.state = State::Literal;
        }
        self.composed = Some(composed);
    }

    /// Takes for known that the chart's templates make no reference of it.
    pub fn tell_broken(&mut self) {
        self.is_told = true;
        self.composed = None;
        if self.state == State::Literal {
            self.state = State::Fragment;
        }
    }

    /// The part that carries the name: what a finding about the whole site points at.
    #[must_use]
    pub fn primary(&self) -> &Part {
        const ORDER: [Role; 6] = [
            Role::Whole,
            Role::Override,
            Role::Repository,
            Role::Namespace,
            Role::Registry,
            Role::Tag,
        ];
        let filled = ORDER
            .iter()
            .find_map(|role| self.filled(*role).filter(|part| !part.inherited));
        let present = || {
            ORDER
                .iter()
                .find_map(|role| self.part(*role).filter(|part| !part.inherited))
        };
        filled.or_else(present).unwrap_or(&self.parts[0])
    }

    /// Where the site is listed: its name, or the node that stands for it where the name stands behind an alias.
    #[must_use]
    pub fn start(&self) -> usize {
        let name = self.primary().at;
        if self.span.contains(name) {
            name.start
        } else {
            self.span.start
        }
    }

    /// The reference, where it is composed and well-formed.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        self.composed
            .as_ref()
            .and_then(|composed| composed.reference.as_ref().ok())
    }

    /// Why what the site composes is no reference.
    #[must_use]
    pub fn error(&self) -> Option<ReferenceError> {
        self.composed
            .as_ref()
            .and_then(|composed| composed.reference.as_ref().err().copied())
    }

    /// The bytes of this file behind a range of the composed reference; nothing where they stand elsewhere.
    #[must_use]
    pub fn place(&self, range: &Range<usize>) -> Option<Span> {
        self.composed.as_ref()?.source(range)
    }

    /// Whether the repository itself holds a tag or a digest, where the shape has a key for it.
    #[must_use]
    pub fn repository_reference(&self) -> Option<Reference> {
        let part = self.filled(Role::Repository).filter(|_| !self.joins.is_empty())?;
        Reference::parse(&part.text)
            .ok()
            .filter(|reference| !reference.is_name_only())
    }

    /// Whether the tag that counts is still unknown: it is left out, and neither `appVersion` nor the file says it.
    #[must_use]
    pub fn lacks_tag(&self) -> bool {
        self.state == State::Fragment && self.reference().is_some_and(Reference::is_name_only)
    }

    /// Makes a whole reference without tag and digest a fragment where `open` says that its tag may live elsewhere.
    pub(crate) fn leave_tag_open(&mut self, open: bool) {
        if open && self.state == State::Literal && self.reference().is_some_and(Reference::is_name_only) {
            self.state = State::Fragment;
        }
    }

    /// Whether the digest key is switched off.
    #[must_use]
    pub fn digest_is_off(&self) -> bool {
        self.part(Role::UseDigest)
            .is_some_and(|part| part.helm == HelmScalar::Bool(false))
    }

    /// Whether the parts come together in a way that this program does not know.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.parts.iter().any(|part| part.role == Role::Opaque)
    }

    /// Takes the chart's `appVersion` for a tag that the values leave out.
    pub fn complete_with(&mut self, app_version: &str) {
        if self.state == State::Fragment && compose::wants_app_version(self) {
            self.app_version = Some(app_version.to_owned());
            self.composed = compose::compose(&self.parts, self.joins, Some(app_version));
        }
    }
}
