//! What `pin` writes besides charts: the lock file and overlays.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::PinArgs;
use crate::commands::CommandError;
use crate::commands::charts::Charts;
use crate::commands::terminal::{say, say_with_help};
use crate::lock::Lock;
use crate::pin::{Plan, overlay};
use crate::report::counted;
use crate::resolution::{Depth, Questions, Resolutions, Resolved, Target, Wanted};
use crate::walk::{absolute, display, read_text, slashed};
use crate::write::replace;
use crate::yaml::read_nodes;

/// What stands for the chart's name in the name of an overlay file.
const CHART: &str = "{chart}";
/// What every overlay begins with.
const HEAD: &str = "# The pinned images of `";

fn shown(file: &Path, dir: &Path) -> String {
    display(&absolute(file), dir)
}

/// The lock file of a run: read from, written to, or neither.
pub(super) struct LockFile {
    path: PathBuf,
    shown: String,
    /// Whether every answer comes from it.
    is_source: bool,
    read: Option<Lock>,
}

impl LockFile {
    /// Reads it where the run has to do with it; only one that is to be read has to be there.
    pub(super) fn open(args: &PinArgs, dir: &Path) -> Result<Self, CommandError> {
        let mut file = Self {
            path: args.lock_file.clone(),
            shown: shown(&args.lock_file, dir),
            is_source: args.locked,
            read: None,
        };
        if args.locked || (args.lock && file.path.exists()) {
            let help = Some("write it with `chartpin pin --lock`");
            let wrong = |message: &str| CommandError::usage(format!("`{}`: {message}", file.shown), help);
            let text = read_text(&file.path).map_err(|problem| wrong(&problem.message))?;
            file.read = Some(Lock::read(&text).map_err(|error| wrong(&error.to_string()))?);
        }
        Ok(file)
    }

    /// The answers of a run that asks nobody else.
    pub(super) fn answers(&self, wanted: &Questions) -> Option<Resolutions> {
        let lock = self.read.as_ref().filter(|_| self.is_source)?;
        Some(lock.answers(wanted, &self.shown))
    }

    fn known(&self, tag: &Wanted, digest: &Wanted) -> Option<Resolved> {
        let known = self.read.as_ref()?.known(tag)?;
        (known.digest == digest.target.as_str()).then_some(known)
    }

    /// The digests that stand in charts, and that the file does not know.
    pub(super) fn unknown(&self, standing: &BTreeMap<Wanted, Wanted>) -> Questions {
        let unknown = standing
            .iter()
            .filter(|(tag, digest)| self.known(tag, digest).is_none());
        unknown.map(|(_, digest)| (digest.clone(), Depth::Platforms)).collect()
    }

    /// Names the digests that stand, that the file does not know, and for which there is no answer; gives how many there are.
    pub(super) fn say_unanswered(&self, standing: &BTreeMap<Wanted, Wanted>, resolutions: &Resolutions) -> usize {
        let mut count = 0;
        for (tag, digest) in standing
            .iter()
            .filter(|(tag, digest)| self.known(tag, digest).is_none())
        {
            if let Some(Err(error)) = resolutions.get(digest) {
                let pinned = digest.target.as_str();
                let message = format!("`{tag}` is pinned to `{pinned}`, which the lock file does not have: {error}");
                say_with_help(&message, error.help.as_deref());
                count += 1;
            }
        }
        count
    }

    /// Writes what tags name, and what they are pinned to where they were not asked for.
    pub(super) fn write(
        &self,
        standing: &BTreeMap<Wanted, Wanted>,
        resolutions: &Resolutions,
        dir: &Path,
    ) -> Result<(), CommandError> {
        let mut pinned: Vec<(&Wanted, Resolved)> = Vec::new();
        for (tag, digest) in standing {
            let asked = || resolutions.get(digest).and_then(|answer| answer.as_ref().ok().cloned());
            pinned.extend(self.known(tag, digest).or_else(asked).map(|resolved| (tag, resolved)));
        }
        let asked = resolutions
            .iter()
            .filter(|(wanted, _)| matches!(wanted.target, Target::Tag(_)));
        let asked = asked.filter_map(|(wanted, answer)| Some((wanted, answer.as_ref().ok()?)));
        let all = asked.chain(pinned.iter().map(|(tag, resolved)| (*tag, resolved)));
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let lock = Lock::of(all, self.read.as_ref(), &now);
        let text = lock
            .text()
            .map_err(|error| CommandError::usage(error.to_string(), None))?;
        replace(&self.path, &text)?;
        say(&format!(
            "chartpin: wrote {} to `{}`",
            counted(lock.len(), "image"),
            shown(&self.path, dir)
        ));
        Ok(())
    }
}

/// Checks that an overlay takes nobody's place but that of an older one.
fn check_target(target: &Path, dir: &Path) -> Result<(), CommandError> {
    let is_free = std::fs::symlink_metadata(target).is_err();
    if is_free || (target.is_file() && read_text(target).is_ok_and(|text| text.starts_with(HEAD))) {
        return Ok(());
    }
    let message = format!(
        "`{}` is there, and is no overlay of chartpin: nothing is written",
        shown(target, dir)
    );
    Err(CommandError::usage(
        message,
        Some("name another file, or take that one away"),
    ))
}

/// The overlay files of a run and their texts: one for each chart whose own values change, and for each whose overlay is there already.
#[derive(Default)]
pub(super) struct Overlays(BTreeMap<PathBuf, String>);

impl Overlays {
    pub(super) fn new(
        file: &Path,
        args: &PinArgs,
        charts: &Charts,
        plans: &[Plan],
        dir: &Path,
    ) -> Result<Self, CommandError> {
        let pattern = slashed(file);
        let mut out = Self::default();
        for (loaded, plan) in charts.loaded.iter().zip(plans) {
            let Some((values, before)) = loaded.chart.defaults() else {
                continue;
            };
            let name = loaded.chart.name.as_deref().unwrap_or("chart");
            let is_word =
                name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) && !name.starts_with('.');
            if !is_word {
                let message = format!("the chart's name `{name}` cannot be a part of a file's name");
                return Err(CommandError::usage(message, None));
            }
            let target = PathBuf::from(pattern.replace(CHART, name));
            let new = plan.texts.iter().find(|new| new.source.path == values.source.path);
            let after = new.map(|new| read_nodes(&new.text)).transpose();
            let after =
                after.map_err(|error| CommandError::usage(format!("`{}`: {error}", values.source.path), None))?;
            let text = match after.and_then(|after| overlay(before, &after)) {
                Some(text) => text,
                None if target.exists() => "{}\n".to_owned(),
                None => continue,
            };
            check_target(&target, dir)?;
            if args.lock && absolute(&target) == absolute(&args.lock_file) {
                return Err(CommandError::usage("the overlay and the lock file are one file", None));
            }
            let head = format!("{HEAD}{name}`, for `helm install -f`. Written by `chartpin pin --overlay`.\n");
            if out.0.insert(target.clone(), format!("{head}{text}")).is_some() {
                let message = format!("two charts would be written to `{}`", shown(&target, dir));
                let help = "put `{chart}` into the file's name, and pin charts of one name apart";
                return Err(CommandError::usage(message, Some(help)));
            }
        }
        Ok(out)
    }

    /// Writes them all.
    pub(super) fn write(&self, dir: &Path) -> Result<(), CommandError> {
        for (file, text) in &self.0 {
            replace(file, text)?;
            say(&format!("chartpin: wrote `{}`", shown(file, dir)));
        }
        if self.0.is_empty() {
            say("chartpin: no value of a chart changes: no overlay is written");
        }
        Ok(())
    }
}
