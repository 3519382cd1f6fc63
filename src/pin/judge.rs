//! Judging the digests that stand: whether each still exists, is what its tag names, and runs where it should.

use super::plan::not_there;
use super::wish::{left, meant_sites};
use super::{Entry, Options, Status};
use crate::chart::{Chart, ChartFile};
use crate::reference::Reference;
use crate::resolution::{Answer, Depth, Platform, Questions, Reason, Resolutions, Resolved, Wanted, media_type};
use crate::site::{ImageSite, State};

/// What is true of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It exists, and its tag names it.
    Ok,
    /// Its tag names another one now.
    Drift,
    /// The registry does not have it.
    Missing,
    /// It is one platform's manifest of the index that its tag names.
    Child,
    /// It does not run on a platform that is asked for.
    PlatformMissing,
    /// The registry gave no answer.
    Failed,
}

impl Verdict {
    /// The verdict in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Drift => "drift",
            Self::Missing => "missing",
            Self::Child => "child",
            Self::PlatformMissing => "platform-missing",
            Self::Failed => "failed",
        }
    }
}

/// A digest that stands, and what is true of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The image; `digest` is the one that stands.
    pub entry: Entry,
    /// What is true.
    pub verdict: Verdict,
    /// The digest that the tag names now.
    pub current: Option<String>,
}

/// The sites of a chart that carry a digest.
fn pinned<'a>(
    chart: &'a Chart,
    options: &'a Options,
) -> impl Iterator<Item = (&'a ChartFile, &'a ImageSite, &'a Reference)> {
    let files = chart.files.iter().filter(|file| file.wanted);
    files.flat_map(move |file| {
        let sites = meant_sites(file, options).filter(|(_, site)| site.state != State::Templated);
        sites.filter_map(move |(_, site)| {
            let reference = site.reference().filter(|reference| reference.digest().is_some())?;
            Some((file, site, reference))
        })
    })
}

/// How many images of a chart are known, and carry no digest.
#[must_use]
pub fn unpinned(chart: &Chart, options: &Options) -> usize {
    let files = chart.files.iter().filter(|file| file.wanted);
    let sites = files.flat_map(|file| meant_sites(file, options));
    let plain = |site: &ImageSite| site.reference().is_some_and(|reference| reference.digest().is_none());
    sites.filter(|(_, site)| plain(site)).count()
}

/// What is asked first: whether each digest exists, and what its tag names.
#[must_use]
pub fn verify_questions(chart: &Chart, options: &Options, platforms: &[Platform]) -> Questions {
    let depth = if platforms.is_empty() {
        Depth::Digest
    } else {
        Depth::Platforms
    };
    let mut out = Questions::new();
    for (_, _, reference) in pinned(chart, options) {
        out.extend(Wanted::digest_of(reference).map(|wanted| (wanted, depth)));
        out.extend(Wanted::tag_of(reference).map(|wanted| (wanted, Depth::Digest)));
    }
    out
}

/// What is asked next, where a tag names another digest: the bodies of both, and when they were made.
#[must_use]
pub fn follow_ups(chart: &Chart, options: &Options, resolutions: &Resolutions) -> Questions {
    let mut out = Questions::new();
    for (_, _, reference) in pinned(chart, options) {
        let (Some(pinned), Some(tag)) = (Wanted::digest_of(reference), Wanted::tag_of(reference)) else {
            continue;
        };
        if let (Some(Ok(there)), Some(Ok(now))) = (resolutions.get(&pinned), resolutions.get(&tag))
            && there.digest != now.digest
        {
            out.insert(tag.at_digest(&now.digest), Depth::Created);
            out.insert(pinned, Depth::Created);
        }
    }
    out
}

/// Judges the digests that stand in a chart.
#[must_use]
pub fn judge(chart: &Chart, options: &Options, resolutions: &Resolutions, platforms: &[Platform]) -> Vec<Judged> {
    let judged = pinned(chart, options).map(|(file, site, reference)| {
        let mut entry = left(chart, file, site, Status::Already, None);
        let opinion = opinion(reference, resolutions, platforms);
        entry.media_type = opinion.media_type;
        entry.reason = opinion.reason;
        entry.help = opinion.help;
        Judged {
            entry,
            verdict: opinion.verdict,
            current: opinion.current,
        }
    });
    judged.collect()
}

struct Opinion {
    verdict: Verdict,
    media_type: Option<String>,
    current: Option<String>,
    reason: Option<String>,
    help: Option<String>,
}

impl Opinion {
    const fn fine() -> Self {
        Self {
            verdict: Verdict::Ok,
            media_type: None,
            current: None,
            reason: None,
            help: None,
        }
    }

    fn new(verdict: Verdict, reason: impl Into<String>, help: Option<&str>) -> Self {
        Self {
            verdict,
            media_type: None,
            current: None,
            reason: Some(reason.into()),
            help: help.map(str::to_owned),
        }
    }
}

/// The answer to a question that was asked.
fn answer<'a>(resolutions: &'a Resolutions, wanted: Option<&Wanted>) -> Option<&'a Answer> {
    resolutions.get(wanted?)
}

fn opinion(reference: &Reference, resolutions: &Resolutions, platforms: &[Platform]) -> Opinion {
    let pinned = Wanted::digest_of(reference);
    let tag = Wanted::tag_of(reference);
    let there = match answer(resolutions, pinned.as_ref()) {
        Some(Ok(there)) => there,
        Some(Err(error)) if error.reason == Reason::NotFound => {
            let help = "pin it again with `chartpin pin --update`";
            return Opinion::new(Verdict::Missing, "its registry does not have this digest", Some(help));
        }
        Some(Err(error)) => return Opinion::new(Verdict::Failed, error.to_string(), error.help.as_deref()),
        None => return Opinion::new(Verdict::Failed, "it was not asked for", None),
    };
    let now = match answer(resolutions, tag.as_ref()) {
        None => None,
        Some(Ok(now)) => Some(now),
        Some(Err(error)) if error.reason == Reason::NotFound => {
            return Opinion {
                media_type: Some(there.media_type.clone()),
                ..Opinion::new(
                    Verdict::Drift,
                    "its tag is gone; the digest is still there",
                    Some("name a tag that exists, and pin it again"),
                )
            };
        }
        Some(Err(error)) => return Opinion::new(Verdict::Failed, error.to_string(), error.help.as_deref()),
    };
    let body = |wanted: Option<Wanted>| answer(resolutions, wanted.as_ref()).and_then(|answer| answer.as_ref().ok());
    let current = now.filter(|now| now.digest != there.digest);
    let mut opinion = match (current, &tag) {
        (Some(now), Some(tag)) => moved(there, body(Some(tag.at_digest(&now.digest))).unwrap_or(now), platforms),
        _ => lacking(there, platforms).unwrap_or_else(Opinion::fine),
    };
    if let (Some(reason), Some(lacking)) = (
        &opinion.reason,
        lacking(there, platforms).and_then(|lacking| lacking.reason),
    ) && opinion.verdict != Verdict::PlatformMissing
    {
        opinion.reason = Some(format!("{reason}; {lacking}"));
    }
    opinion.media_type = Some(there.media_type.clone());
    opinion.current = now.map(|now| now.digest.clone());
    opinion
}

/// What it means that a tag names another digest than the one that stands.
fn moved(there: &Resolved, now: &Resolved, platforms: &[Platform]) -> Opinion {
    if let Some(child) = now.children.iter().find(|child| child.digest == there.digest) {
        let fits = |wanted: &Platform| child.platform.as_ref().is_some_and(|other| wanted.accepts(other));
        if !platforms.is_empty() && platforms.iter().all(fits) {
            return Opinion::fine();
        }
        let platform = child
            .platform
            .as_ref()
            .map_or_else(|| "one platform".to_owned(), ToString::to_string);
        let reason = format!("this digest is the manifest for {platform} alone, of the index that its tag names");
        return Opinion::new(
            Verdict::Child,
            reason,
            Some("pin the index with `chartpin pin --update`"),
        );
    }
    let made = |resolved: &Resolved| match &resolved.created {
        Some(created) => format!("{} (made {created})", resolved.digest),
        None => resolved.digest.clone(),
    };
    let single = !media_type::is_index(&there.media_type) && media_type::is_index(&now.media_type);
    let note = if single {
        "; the one that stands is for one platform alone"
    } else {
        ""
    };
    let reason = format!("its tag names {} now, and {} stands here{note}", made(now), made(there));
    Opinion::new(
        Verdict::Drift,
        reason,
        Some("take the new one with `chartpin pin --update`"),
    )
}

/// The platforms that are asked for and not there.
fn lacking(there: &Resolved, platforms: &[Platform]) -> Option<Opinion> {
    let missing: Vec<&Platform> = platforms
        .iter()
        .filter(|wanted| !there.platforms.iter().any(|other| wanted.accepts(other)))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let help = "name a tag that is there for it, or ask for fewer platforms";
    Some(Opinion::new(
        Verdict::PlatformMissing,
        not_there(there, &missing),
        Some(help),
    ))
}
