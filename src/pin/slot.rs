//! Where the digest of one site goes, and the edits that put it there. Knows one site and its file, not the chart around them.

use super::key::{Form, Value, edit, has_digest_comment, new_key};
use crate::chart::ChartFile;
use crate::edit::Edit;
use crate::site::{ImageSite, Part, Role};
use crate::source::Span;
use crate::yaml::Step;

/// Where a digest goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// Behind the reference or the tag that fills this scalar.
    Behind {
        /// The text of the scalar, without quotes.
        text: Span,
    },
    /// In place of the digest that stands in a reference or a tag.
    Within {
        /// The text of the scalar, without quotes.
        text: Span,
        /// The digest in it.
        digest: Span,
    },
    /// Into the digest key that the site has.
    Key {
        /// The value, as it stands.
        value: Value,
        /// The form that the key uses.
        form: Form,
        /// The switch that is to be turned on.
        switch: Option<Span>,
    },
    /// Into the tag, which is left out so far, with the tag before it.
    Tag {
        /// The value, as it stands.
        value: Value,
        /// The tag that is meant.
        tag: String,
    },
    /// Into a new key below the line of another.
    NewKey {
        /// The mapping.
        mapping: Span,
        /// The key's name.
        name: String,
        /// The key that it goes below.
        beside: Span,
        /// The value of that key.
        behind: Span,
        /// The form that the key uses.
        form: Form,
    },
}

impl Slot {
    /// The scalar that changes: what a report shows, and what aliases may share. For a new key, the value above it.
    pub(super) fn scalar(&self) -> Span {
        match self {
            Self::Behind { text } | Self::Within { text, .. } => *text,
            Self::Key { value, .. } | Self::Tag { value, .. } => value.text,
            Self::NewKey { behind, .. } => *behind,
        }
    }

    /// The mapping that gets a new key.
    pub(super) fn grown(&self) -> Option<Span> {
        match self {
            Self::NewKey { mapping, .. } => Some(*mapping),
            _ => None,
        }
    }

    /// The text of the scalar with `digest` in it, out of the text that it has.
    ///
    /// # Errors
    /// When the digest does not fit the form of its key.
    pub(super) fn after(&self, before: &str, digest: &str) -> Result<String, String> {
        Ok(match self {
            Self::Behind { .. } => format!("{before}@{digest}"),
            Self::Within { text, digest: old } => {
                let (start, end) = (old.start - text.start, old.end - text.start);
                format!("{}{digest}{}", &before[..start], &before[end..])
            }
            Self::Tag { tag, .. } => format!("{tag}@{digest}"),
            Self::Key { form, .. } | Self::NewKey { form, .. } => form.write(digest)?,
        })
    }

    /// The edits that put `digest` there.
    ///
    /// # Errors
    /// When the digest does not fit the form of its key.
    pub(super) fn edits(&self, digest: &str, text: &str) -> Result<Vec<Edit>, String> {
        Ok(match self {
            Self::Behind { text } => vec![edit(Span::empty(text.end), format!("@{digest}"))],
            Self::Within { digest: old, .. } => vec![edit(*old, digest.to_owned())],
            Self::Key { value, form, switch } => {
                let mut edits = vec![value.replaced(&form.write(digest)?, text)];
                edits.extend(switch.map(|switch| edit(switch, "true".to_owned())));
                edits
            }
            Self::Tag { value, tag } => vec![value.replaced(&format!("{tag}@{digest}"), text)],
            Self::NewKey {
                name,
                beside,
                behind,
                form,
                ..
            } => vec![new_key(text, *beside, *behind, name, &form.write(digest)?)],
        })
    }
}

/// Where a site's digest goes, in the order of the design: the digest key, the whole reference, the tag, a new digest key. `digest_key` is
/// the name of the key under which the chart's defaults have the digest of this site.
///
/// # Errors
/// When there is no safe place, with the reason.
pub(super) fn slot(site: &ImageSite, file: &ChartFile, digest_key: Option<&str>) -> Result<Slot, String> {
    let text: &str = &file.source.text;
    if let Some(part) = site.part(Role::Digest) {
        return if part.inherited {
            beside_own(site, text, part, digest_key)
        } else {
            into_key(site, part, text, None)
        };
    }
    let whole = site.filled(Role::Whole).or_else(|| site.filled(Role::Override));
    if let Some(part) = whole {
        return literally(part, text).map(|span| Slot::Behind { text: span });
    }
    let tag = site.part(Role::Tag);
    let repository = site.filled(Role::Repository).filter(|part| !part.inherited);
    if let (None, Some(_), Some(part)) = (tag, site.repository_reference(), repository) {
        return literally(part, text).map(|span| Slot::Behind { text: span });
    }
    let Some(part) = tag.filter(|tag| !tag.inherited) else {
        return Err(no_own_tag(site).to_owned());
    };
    if !site.tag_holds_digest {
        return Err("whether the chart's templates take a digest in the tag is not known for this shape".to_owned());
    }
    let reference = site.reference().and_then(|reference| reference.tag());
    if let Some(version) = site.app_version.as_ref().filter(|_| part.is_blank()) {
        return blank(part, site).map(|value| Slot::Tag {
            value,
            tag: version.clone(),
        });
    }
    if reference != Some(part.text.as_str()) {
        return Err("the chart joins its tag from several values".to_owned());
    }
    if part.key.is_some_and(|key| has_digest_comment(text, key)) {
        return Err("a comment beside its tag speaks of a digest key: write that key, empty".to_owned());
    }
    literally(part, text).map(|span| Slot::Behind { text: span })
}

/// Why a site has no tag to write to.
pub(super) fn no_own_tag(site: &ImageSite) -> &'static str {
    match site.part(Role::Tag) {
        Some(_) => "its tag stands elsewhere: in the chart's defaults, or in what the file says for all its images",
        None => "it has no key for a tag, and none for a digest",
    }
}

/// Where the digest stands that the site has: what an update replaces.
///
/// # Errors
/// When the digest cannot be told from what stands around it, or stands elsewhere.
pub(super) fn present(site: &ImageSite, file: &ChartFile) -> Result<Slot, String> {
    let text: &str = &file.source.text;
    let reference = site.reference().ok_or("it is no reference")?;
    let range = reference.digest_range().ok_or("it has no digest")?;
    if let Some(part) = site
        .filled(Role::Digest)
        .filter(|part| reference.digest().is_some_and(|digest| digest.ends_with(&part.text)))
    {
        return if part.inherited {
            Err("its digest stands in the chart's defaults".to_owned())
        } else {
            into_key(site, part, text, None)
        };
    }
    let digest = site.place(&range).ok_or("its digest stands elsewhere")?;
    let part = site
        .parts
        .iter()
        .find(|part| part.span.contains(digest) && !part.inherited);
    match (part, text.get(digest.range()) == reference.digest()) {
        (Some(part), true) => Ok(Slot::Within {
            text: part.span,
            digest,
        }),
        _ => Err("its digest is joined from several values".to_owned()),
    }
}

/// The digest key that a site has; `read` is the form in which templates read it, where they say.
pub(super) fn into_key(site: &ImageSite, part: &Part, text: &str, read: Option<Form>) -> Result<Slot, String> {
    let value = if part.is_blank() {
        blank(part, site)?
    } else {
        literally(part, text)?;
        Value::of(part)
    };
    let key = part.key.and_then(|key| text.get(key.range())).unwrap_or_default();
    let switch = match site.part(Role::UseDigest).filter(|_| site.digest_is_off()) {
        Some(switch) if switch.inherited => {
            return Err("the switch for its digest is off in the chart's defaults".to_owned());
        }
        switch => switch.map(|switch| switch.span),
    };
    Ok(Slot::Key {
        form: read.unwrap_or_else(|| {
            let example = part.key.and_then(|key| Form::example(text, key));
            Form::of(&part.text, key.trim_matches(['"', '\'']), example)
        }),
        value,
        switch,
    })
}

/// A new digest key in an override, whose chart has one in its defaults: a digest there would be that of another image.
fn beside_own(site: &ImageSite, text: &str, digest: &Part, digest_key: Option<&str>) -> Result<Slot, String> {
    let switched_off = site.part(Role::UseDigest).is_some_and(|switch| switch.inherited) && site.digest_is_off();
    digest_key
        .filter(|_| !switched_off)
        .and_then(|name| beside(site, site.span, text, name, Form::of(&digest.text, name, None)))
        .ok_or_else(|| {
            "its digest key stands in the chart's defaults, and there is no safe place for one here".to_owned()
        })
}

/// A new key of `mapping`, below the first own value of a site that stands in the file byte for byte; nothing where there is none.
pub(super) fn beside(site: &ImageSite, mapping: Span, text: &str, name: &str, form: Form) -> Option<Slot> {
    let own = [Role::Tag, Role::Repository, Role::Registry]
        .iter()
        .find_map(|role| site.filled(*role).filter(|part| !part.inherited))?;
    let key = own.key?;
    let within = mapping.contains(key) && mapping.contains(own.at);
    let is_embedded = site.path.0.contains(&Step::Embedded);
    literally(own, text).ok().filter(|_| within && !is_embedded)?;
    Some(Slot::NewKey {
        mapping,
        name: name.to_owned(),
        beside: key,
        behind: own.span,
        form,
    })
}

/// The span of a part that stands in the file byte for byte.
pub(super) fn literally(part: &Part, text: &str) -> Result<Span, String> {
    match text.get(part.span.range()) {
        Some(found) if found == part.text => Ok(part.span),
        _ => Err("it is written with escapes or over several lines".to_owned()),
    }
}

/// The value of a part that says nothing.
pub(super) fn blank(part: &Part, site: &ImageSite) -> Result<Value, String> {
    let value = Value::of(part);
    let embedded = site.path.0.contains(&Step::Embedded);
    let has_place = value.quoted || value.key.is_some() || !value.text.is_empty();
    if embedded || !has_place {
        return Err("the empty value to write to is not in plain sight".to_owned());
    }
    Ok(value)
}
