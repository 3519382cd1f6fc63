//! Where a digest goes by what the chart's templates do: each place is tried on the values, and taken where every image comes out with the
//! digest and nothing else breaks.

use super::key::Form;
use super::slot::{Slot, beside, blank, into_key, literally, no_own_tag, slot};
use crate::chart::{Chart, ChartFile, FileRole, Outcome, Usage};
use crate::reference::Reference;
use crate::site::{ImageSite, Part, Role};
use crate::source::Span;
use crate::yaml::{Step, Tree};

/// A digest for trials.
const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A place, and what stands where once a digest is there.
type Candidate = (Slot, Vec<(Vec<Step>, String)>);

/// Where a site's digest goes: by the chart's templates where they can be followed, else by the site's shape. `digest_key` is the name of the
/// key under which the chart's defaults have the digest of this site.
///
/// # Errors
/// When there is no safe place, with the reason.
pub(super) fn place(
    chart: &Chart,
    file: &ChartFile,
    site: &ImageSite,
    digest_key: Option<&str>,
) -> Result<Slot, String> {
    let by_shape = || slot(site, file, digest_key);
    let usage = chart.usage(site);
    let Some(((usage, layers), image)) = usage.zip(chart.layers(file)).zip(site.reference()) else {
        return by_shape();
    };
    let mut broken: Option<String> = None;
    for candidate in candidates(&usage, file, site, digest_key) {
        let (slot, changes) = match candidate {
            Ok(candidate) => candidate,
            Err(reason) => {
                broken.get_or_insert(reason);
                continue;
            }
        };
        match usage.outcome(&layers, changes.clone(), DIGEST, image) {
            Outcome::Fits => match broken_by_override(chart, file, site, &usage, &changes) {
                None => return Ok(slot),
                Some(reason) => {
                    broken.get_or_insert(reason);
                }
            },
            Outcome::Breaks(reason) => {
                broken.get_or_insert(reason);
            }
            Outcome::Unused => {
                let reason = "no image that the chart's templates make would have the digest";
                broken.get_or_insert(reason.to_owned());
            }
            Outcome::Unclear => match by_shape() {
                Ok(shaped) if shaped == slot => return Ok(slot),
                Ok(_) => {}
                Err(reason) => {
                    broken.get_or_insert(reason);
                }
            },
        }
    }
    match broken {
        Some(reason) => Err(reason),
        None => by_shape(),
    }
}

/// What a digest in the defaults would break under an override that leaves it there and says nothing of the image itself, but changes what
/// templates make of it.
fn broken_by_override(
    chart: &Chart,
    file: &ChartFile,
    site: &ImageSite,
    usage: &Usage<'_>,
    changes: &[(Vec<Step>, String)],
) -> Option<String> {
    let image = site.reference()?;
    let overrides = chart.layered().filter(|(other, _)| {
        let says_its_image = other.sites.iter().any(|known| known.mapping == site.mapping);
        file.role == FileRole::Values && other.role == FileRole::Override && !says_its_image
    });
    for (other, layers) in overrides {
        let is_left = |(path, _): &&(Vec<Step>, String)| other.tree().is_some_and(|tree| leaves(tree, path));
        let left: Vec<_> = changes.iter().filter(is_left).cloned().collect();
        let brings_digest = left.first().is_some_and(|first| Some(first) == changes.first());
        if !brings_digest {
            continue;
        }
        // Another registry has the same content under a digest, or nothing at all: mirrors are named like this.
        let there = usage
            .told(&layers)
            .and_then(|filled| Reference::parse(&filled.text()).ok());
        let mirrored = there.filter(|there| there.repository() == image.repository() && there.tag() == image.tag());
        let image = mirrored.as_ref().unwrap_or(image);
        if let Outcome::Breaks(reason) = usage.outcome(&layers, left, DIGEST, image) {
            return Some(format!("with `{}`, {reason}", other.source.path));
        }
    }
    None
}

/// Whether an override leaves what the defaults have at a path: nothing stands there, nor in the place of what is around it.
fn leaves(tree: &Tree, path: &[Step]) -> bool {
    let Some((depth, node)) = tree.along(path).enumerate().last() else {
        return true;
    };
    depth < path.len() && tree.is_mapping(node)
}

/// The places that a digest could go to, in their order: a digest key comes before the tag, where templates read one, for what fills it in
/// the values below would make two digests of one in the tag.
fn candidates(
    usage: &Usage<'_>,
    file: &ChartFile,
    site: &ImageSite,
    digest_key: Option<&str>,
) -> Vec<Result<Candidate, String>> {
    let read = usage.digest_keys(&site.mapping.0);
    let mut found: Vec<Result<Candidate, String>> = Vec::new();
    if let Some(part) = site.part(Role::Digest) {
        found.push(if part.inherited {
            slot(site, file, digest_key).and_then(|slot| with_new_key(site, slot))
        } else {
            by_key(usage, site, part, file, &read)
        });
        if part.inherited || usage.reading.knows(&path_of(site, part)) {
            return found;
        }
    }
    let whole = site.filled(Role::Whole).or_else(|| site.filled(Role::Override));
    let repository = || site.filled(Role::Repository).filter(|part| !part.inherited);
    if let Some(part) = whole {
        found.push(behind(site, part, file));
    } else if let (None, Some(_), Some(part)) = (site.part(Role::Tag), site.repository_reference(), repository()) {
        found.push(behind(site, part, file));
    } else {
        let is_there = |name: &str| has_key(site, file, name);
        for (name, is_hex) in read.iter().filter(|(name, _)| !is_there(name)) {
            let form = if *is_hex { Form::Hex } else { Form::Prefixed };
            match beside(site, mapping_of(site, file), &file.source.text, name, form) {
                Some(slot) => found.push(with_new_key(site, slot)),
                None if site.of_subchart => {
                    let reason = "the subchart reads a digest key that its own defaults may fill, and there is no place for one here";
                    return vec![Err(reason.to_owned())];
                }
                None => {}
            }
        }
        found.push(in_tag(site, file));
    }
    found
}

/// Whether the file has this key in the site's mapping already.
fn has_key(site: &ImageSite, file: &ChartFile, name: &str) -> bool {
    let path = site.mapping.child(Step::Key(name.to_owned()));
    file.tree().is_some_and(|tree| tree.at(&path.0).is_some())
}

/// The bytes of the mapping that the keys of a site stand in: those of a lone tag are its own otherwise.
fn mapping_of(site: &ImageSite, file: &ChartFile) -> Span {
    let node = file
        .tree()
        .and_then(|tree| Some(tree.node(tree.at(&site.mapping.0)?).span));
    node.unwrap_or(site.span)
}

/// The site's own digest key, in the form that templates read it.
fn by_key(
    usage: &Usage<'_>,
    site: &ImageSite,
    part: &Part,
    file: &ChartFile,
    read: &[(String, bool)],
) -> Result<Candidate, String> {
    let path = path_of(site, part);
    if !usage.reading.knows(&path) {
        return Err("no template of the chart reads its digest key".to_owned());
    }
    let form = read
        .iter()
        .find(|(name, _)| part.name.as_deref() == Some(name))
        .map(|(_, is_hex)| if *is_hex { Form::Hex } else { Form::Prefixed });
    let slot = into_key(site, part, &file.source.text, form)?;
    let Slot::Key { form, .. } = &slot else {
        return Err("it has no digest key".to_owned());
    };
    let mut changes = vec![(path, form.write(DIGEST)?)];
    if let Some(switch) = site.part(Role::UseDigest).filter(|_| site.digest_is_off()) {
        changes.push((path_of(site, switch), "true".to_owned()));
    }
    Ok((slot, changes))
}

fn behind(site: &ImageSite, part: &Part, file: &ChartFile) -> Result<Candidate, String> {
    let text = literally(part, &file.source.text)?;
    Ok((
        Slot::Behind { text },
        vec![(path_of(site, part), format!("{}@{DIGEST}", part.text))],
    ))
}

/// The tag of the site, where it is its own.
fn in_tag(site: &ImageSite, file: &ChartFile) -> Result<Candidate, String> {
    let Some(tag) = site.part(Role::Tag).filter(|tag| !tag.inherited) else {
        return Err(no_own_tag(site).to_owned());
    };
    let Some(version) = site.app_version.as_ref().filter(|_| tag.is_blank()) else {
        let written = site.reference().and_then(|reference| reference.tag()) == Some(tag.text.as_str());
        if !written {
            return Err("the chart joins its tag from several values".to_owned());
        }
        return behind(site, tag, file);
    };
    let value = blank(tag, site)?;
    let slot = Slot::Tag {
        value,
        tag: version.clone(),
    };
    Ok((slot, vec![(path_of(site, tag), format!("{version}@{DIGEST}"))]))
}

fn with_new_key(site: &ImageSite, slot: Slot) -> Result<Candidate, String> {
    let Slot::NewKey { name, form, .. } = &slot else {
        return Err("its digest key stands in the chart's defaults".to_owned());
    };
    let path = site.mapping.child(Step::Key(name.clone())).0;
    let change = (path, form.write(DIGEST)?);
    Ok((slot, vec![change]))
}

fn path_of(site: &ImageSite, part: &Part) -> Vec<Step> {
    site.path_of(part).map(|path| path.0).unwrap_or_default()
}
