//! What is known of one host while a session lasts: how it is spoken to, who may, whether it asks to wait, whether it is there at all.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::token::{Challenge, Token};
use super::{Observer, Options};
use crate::resolution::{Reason, Unresolved};

/// How many failed requests to one host are tried again before it earns more by answering.
const RETRIES: u32 = 50;
/// How long all waits that one host asks for may last together.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// How a host wants to be spoken to.
#[derive(Debug, Clone)]
pub(super) enum Auth {
    /// Nobody has asked it yet.
    Unknown,
    /// It answers without being told who asks, so far.
    Open,
    /// It wants a user and a password, or a token.
    Wants(Challenge),
}

/// One host.
pub(super) struct Host {
    /// `host[:port]`.
    pub name: String,
    /// Whether it may be spoken to without TLS because the user says so.
    pub plain: bool,
    /// The scheme that it turned out to speak.
    pub scheme: OnceCell<&'static str>,
    /// One place for each request that may be on its way.
    pub slots: Semaphore,
    /// What it wants to know of who asks.
    pub auth: RefCell<Auth>,
    /// Held while the first request finds that out.
    pub discovery: Mutex<()>,
    /// The tokens, by repository; the lock is held while one is fetched.
    pub tokens: RefCell<HashMap<String, Rc<Mutex<Option<Token>>>>>,
    /// Whether it ever answered.
    is_heard: Cell<bool>,
    retries_left: Cell<u32>,
    wait_left: Cell<Duration>,
    pause_until: Cell<Option<Instant>>,
    down: RefCell<Option<Unresolved>>,
}

impl Host {
    pub(super) fn new(name: &str, options: &Options) -> Self {
        let bare = name.split(':').next();
        let is_plain = |host: &String| host == name || Some(host.as_str()) == bare;
        Self {
            name: name.to_owned(),
            plain: options.plain_http.iter().any(is_plain),
            scheme: OnceCell::new(),
            slots: Semaphore::new(options.concurrency.max(1)),
            auth: RefCell::new(Auth::Unknown),
            discovery: Mutex::new(()),
            tokens: RefCell::default(),
            is_heard: Cell::new(false),
            retries_left: Cell::new(RETRIES),
            wait_left: Cell::new(MAX_WAIT),
            pause_until: Cell::new(None),
            down: RefCell::new(None),
        }
    }

    /// Whether nobody knows yet what the host wants of who asks.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(*self.auth.borrow(), Auth::Unknown)
    }

    /// The place of the token for a repository.
    pub(super) fn token(&self, repository: &str) -> Rc<Mutex<Option<Token>>> {
        Rc::clone(self.tokens.borrow_mut().entry(repository.to_owned()).or_default())
    }

    /// Whether one more request may be tried again.
    pub(super) fn may_retry(&self) -> bool {
        let left = self.retries_left.get();
        self.retries_left.set(left.saturating_sub(1));
        left > 0
    }

    /// An answer came: a host that answers earns its retries back.
    pub(super) fn answered(&self) {
        self.retries_left.set((self.retries_left.get() + 1).min(RETRIES));
        self.is_heard.set(true);
    }

    /// The host is not there: nobody needs to try again.
    pub(super) fn mark_down(&self, why: &Unresolved) {
        self.down.replace(Some(why.clone()));
    }

    /// A network failure of a host that never answered counts for everybody who asks it.
    pub(super) fn unheard(&self, why: Unresolved) -> Unresolved {
        if !self.is_heard.get() && why.reason == Reason::Network {
            self.mark_down(&why);
        }
        why
    }

    /// Whether, and why, the host is not there.
    pub(super) fn is_down(&self) -> Result<(), Unresolved> {
        self.down.borrow().clone().map_or(Ok(()), Err)
    }

    /// The host asks to wait: everybody who asks it does.
    ///
    /// # Errors
    /// When that is longer than the run waits for one host.
    pub(super) fn pause(&self, wait: Duration, observer: &dyn Observer) -> Result<(), Unresolved> {
        let now = Instant::now();
        let from = self.pause_until.get().unwrap_or(now).max(now);
        let until = now.checked_add(wait).ok_or_else(|| self.waits_too_long(wait))?;
        let longer = until.saturating_duration_since(from);
        let left = self
            .wait_left
            .get()
            .checked_sub(longer)
            .ok_or_else(|| self.waits_too_long(wait))?;
        self.wait_left.set(left);
        if !longer.is_zero() {
            self.pause_until.set(Some(until));
            observer.waiting(&self.name, wait);
        }
        Ok(())
    }

    fn waits_too_long(&self, wait: Duration) -> Unresolved {
        let (host, seconds) = (&self.name, wait.as_secs());
        let message = format!("`{host}` limits how often it is asked, and wants a wait of {seconds} s");
        Unresolved::new(Reason::RateLimited, message).with_help("log in for a higher limit, or try later")
    }

    /// Waits until the host may be asked again.
    pub(super) async fn ready(&self) {
        while let Some(until) = self.pause_until.get().filter(|until| *until > Instant::now()) {
            sleep_until(until).await;
        }
    }
}
