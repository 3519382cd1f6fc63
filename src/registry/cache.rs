//! What registries said lately, kept between runs: digests of tags for a while, content by its digest for good.
//!
//! Runs side by side may share it: every file is replaced whole, and the answers are merged under a lock. What cannot be read or written counts
//! as not there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::manifest::{from_content, hash};
use crate::reference::check_digest;
use crate::resolution::{Depth, Resolved, Target, media_type};
use crate::write;

/// The version of the file of answers.
const VERSION: u32 = 1;

/// A cache on disk.
pub(super) struct Cache {
    dir: PathBuf,
    ttl: Duration,
    known: BTreeMap<String, Known>,
    new: RefCell<BTreeMap<String, Known>>,
}

/// What a tag named.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    digest: String,
    media_type: String,
    /// Seconds since 1970.
    at: u64,
}

#[derive(Serialize, Deserialize)]
struct Answers {
    version: u32,
    answers: BTreeMap<String, Known>,
}

impl Cache {
    pub(super) fn open(dir: &Path, ttl: Duration) -> Self {
        Self {
            dir: dir.to_owned(),
            ttl,
            known: read(&dir.join("answers.json")),
            new: RefCell::default(),
        }
    }

    /// What a tag of the repository at `address` named within the time that answers count.
    pub(super) fn known(&self, address: &str, target: &Target, depth: Depth) -> Option<Resolved> {
        let Target::Tag(tag) = target else { return None };
        let known = self.known.get(&format!("{address}:{tag}"))?;
        let usable = is_fresh(known, self.ttl) && check_digest(&known.digest).is_ok();
        if !usable || !media_type::ALL.contains(&known.media_type.as_str()) {
            return None;
        }
        match depth {
            Depth::Digest => Some(Resolved {
                digest: known.digest.clone(),
                media_type: known.media_type.clone(),
                platforms: Vec::new(),
                children: Vec::new(),
                created: None,
            }),
            Depth::Platforms => from_content(&known.digest, &known.media_type, &self.content(&known.digest)?),
            Depth::Created => None,
        }
    }

    pub(super) fn remember(&self, address: &str, target: &Target, resolved: &Resolved) {
        if let Target::Tag(tag) = target {
            let known = Known {
                digest: resolved.digest.clone(),
                media_type: resolved.media_type.clone(),
                at: now(),
            };
            self.new.borrow_mut().insert(format!("{address}:{tag}"), known);
        }
    }

    /// The content of a digest, hashed again.
    pub(super) fn content(&self, digest: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(self.place(digest)?).ok()?;
        (hash(digest, &bytes).as_deref() == Some(digest)).then_some(bytes)
    }

    pub(super) fn keep_content(&self, digest: &str, bytes: &[u8]) {
        if let Some(place) = self.place(digest) {
            let text = std::str::from_utf8(bytes).ok();
            let made = place.parent().is_some_and(|dir| fs::create_dir_all(dir).is_ok());
            if let Some(text) = text.filter(|_| made && !place.exists()) {
                // The next run asks again where this one could not write.
                let _ = write::replace(&place, text);
            }
        }
    }

    fn place(&self, digest: &str) -> Option<PathBuf> {
        check_digest(digest).ok()?;
        let (algorithm, hex) = digest.split_once(':')?;
        Some(self.dir.join("content").join(algorithm).join(hex))
    }

    /// Writes what this run learned beside what others did meanwhile.
    pub(super) fn save(&self) {
        let new = self.new.borrow();
        if new.is_empty() || fs::create_dir_all(&self.dir).is_err() {
            return;
        }
        let Ok(lock) = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.dir.join("lock"))
        else {
            return;
        };
        if !locked_in_time(&lock) {
            return;
        }
        let path = self.dir.join("answers.json");
        let mut answers = read(&path);
        answers.extend(new.clone());
        answers.retain(|_, known| is_fresh(known, self.ttl));
        let answers = Answers {
            version: VERSION,
            answers,
        };
        if let Ok(text) = serde_json::to_string(&answers) {
            // The next run asks again where this one could not write.
            let _ = write::replace(&path, &text);
        }
    }
}

/// Whether the lock could be had before long: who waits for a cache has none of it.
fn locked_in_time(lock: &File) -> bool {
    for _ in 0..20 {
        if lock.try_lock().is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

fn read(path: &Path) -> BTreeMap<String, Known> {
    let text = fs::read(path).unwrap_or_default();
    let read = serde_json::from_slice::<Answers>(&text).ok();
    read.filter(|read| read.version == VERSION)
        .map(|read| read.answers)
        .unwrap_or_default()
}

/// Whether an answer is neither too old nor from the future.
fn is_fresh(known: &Known, ttl: Duration) -> bool {
    now().checked_sub(known.at).is_some_and(|age| age < ttl.as_secs())
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}
