//! Asking registries what references name (OCI distribution specification 1.1). At the edge; the one home of reqwest, rustls and tokio.
//!
//! Questions go in and answers come out, both as data. Knows nothing of charts, and writes nothing but its cache.
#![expect(
    clippy::disallowed_methods,
    reason = "the edge: certificates, credentials and the cache are files"
)]

mod answer;
mod cache;
mod credentials;
mod endpoint;
mod host;
mod http;
mod manifest;
mod retry;
mod token;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, timeout_at};

use crate::resolution::{Answer, Depth, Mirror, Questions, Reason, Resolutions, Unresolved, Wanted};
use cache::Cache;
use credentials::Keyring;
use endpoint::{Endpoint, candidates};
use host::Host;
use http::Http;

pub use credentials::{CredentialError, CredentialFile, Secret, Sources};

/// How registries are asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where images are looked for first.
    pub mirrors: Vec<Mirror>,
    /// Hosts that are spoken to without TLS.
    pub plain_http: Vec<String>,
    /// A file with certificates of authorities, in PEM, besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// Where credentials may lie.
    pub credentials: Sources,
    /// Whether every manifest is read and hashed, not taken at the registry's word.
    pub verify_body: bool,
    /// How many requests are on their way to one registry at most.
    pub concurrency: usize,
    /// How long all of it may take.
    pub timeout: Duration,
    /// Where answers are kept between runs, and how long the digest of a tag counts as known.
    pub cache: Option<(PathBuf, Duration)>,
}

/// Why registries cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The runtime or the TLS library does not start.
    #[error("cannot start the network client: {0}")]
    Start(String),
    /// The file of certificates is no such file.
    #[error("`{path}`: {message}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A file of credentials is no such file.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
}

impl RegistryError {
    /// What to do.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Start(_) => None,
            Self::Certificates { .. } => Some("--ca-file takes certificates in PEM form".to_owned()),
            Self::Credentials(error) => error.help(),
        }
    }
}

/// Who is told how far a session is.
pub trait Observer {
    /// So many questions go to this registry.
    fn started(&self, registry: &str, questions: usize);
    /// One of them is answered.
    fn answered(&self, registry: &str);
    /// The registry asks to wait.
    fn waiting(&self, host: &str, wait: Duration);
}

/// A session with registries: connections, tokens and what was answered live as long as it does.
pub struct Session {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

/// What all questions of a session share.
struct Client {
    http: Http,
    keyring: Arc<Keyring>,
    options: Options,
    cache: Option<Cache>,
    hosts: RefCell<HashMap<String, Rc<Host>>>,
    deadline: Instant,
}

impl Session {
    /// Starts a session; nothing is sent yet.
    ///
    /// # Errors
    /// When a file of certificates or credentials cannot be used, or the TLS library does not start.
    pub fn start(options: Options) -> Result<Self, RegistryError> {
        let keyring = Arc::new(Keyring::read(&options.credentials)?);
        let http = Http::new(options.ca_file.as_deref())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| RegistryError::Start(error.to_string()))?;
        let deadline = runtime.block_on(async { Instant::now() }) + options.timeout;
        let cache = options.cache.as_ref().map(|(dir, ttl)| Cache::open(dir, *ttl));
        Ok(Self {
            runtime,
            client: Client {
                http,
                keyring,
                options,
                cache,
                hosts: RefCell::default(),
                deadline,
            },
        })
    }

    /// Asks all questions, each once, side by side.
    pub fn resolve(&self, questions: &Questions, observer: &dyn Observer) -> Resolutions {
        let mut registries: BTreeMap<&str, usize> = BTreeMap::new();
        for wanted in questions.keys() {
            *registries.entry(&wanted.registry).or_insert(0) += 1;
        }
        for (registry, count) in &registries {
            observer.started(registry, *count);
        }
        let client = &self.client;
        let answers = async {
            let mut running: FuturesUnordered<_> = questions
                .iter()
                .map(|(wanted, depth)| async move { (wanted, client.answer(wanted, *depth, observer).await) })
                .collect();
            let mut answers = Resolutions::new();
            while let Some((wanted, answer)) = running.next().await {
                observer.answered(&wanted.registry);
                answers.insert(wanted.clone(), answer);
            }
            answers
        };
        self.runtime.block_on(answers)
    }

    /// How many requests were sent so far, those for tokens and behind redirects included.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.client.http.sent()
    }

    /// Keeps what was answered for the next run. A cache that cannot be written costs the next run time, and nothing else.
    pub fn finish(self) {
        if let Some(cache) = &self.client.cache {
            cache.save();
        }
        // A name that is still being looked up, or a helper that still runs, keeps nobody waiting.
        self.runtime.shutdown_background();
    }
}

impl Client {
    /// The answer to one question: of the first mirror that has one, else of the registry itself.
    async fn answer(&self, wanted: &Wanted, depth: Depth, observer: &dyn Observer) -> Answer {
        let mut tried: Vec<String> = Vec::new();
        let candidates = candidates(wanted, &self.options.mirrors);
        let last = candidates.len().saturating_sub(1);
        for (index, endpoint) in candidates.iter().enumerate() {
            let asked = self.ask(endpoint, wanted, depth, observer);
            let Ok(answer) = timeout_at(self.deadline, asked).await else {
                return Err(self.out_of_time(&tried));
            };
            match answer {
                Ok(resolved) => return Ok(resolved),
                Err(error) if index < last => tried.push(format!("mirror `{}`: {}", endpoint.host, error.message)),
                Err(mut error) => {
                    tried.insert(0, error.message);
                    error.message = tried.join("; ");
                    return Err(error);
                }
            }
        }
        Err(Unresolved::new(Reason::Network, "there is nobody to ask"))
    }

    fn out_of_time(&self, tried: &[String]) -> Unresolved {
        let seconds = self.options.timeout.as_secs_f32();
        let over = format!("the time of the run is over ({seconds} s)");
        let said: Vec<&str> = [over.as_str()]
            .into_iter()
            .chain(tried.iter().map(String::as_str))
            .collect();
        Unresolved::new(Reason::Network, said.join("; ")).with_help("--timeout gives it more")
    }

    /// The state of a host; made when it is first asked.
    fn host(&self, name: &str) -> Rc<Host> {
        let mut hosts = self.hosts.borrow_mut();
        let made = || Rc::new(Host::new(name, &self.options));
        Rc::clone(hosts.entry(name.to_owned()).or_insert_with(made))
    }

    async fn ask(&self, endpoint: &Endpoint, wanted: &Wanted, depth: Depth, observer: &dyn Observer) -> Answer {
        let address = format!("{}/{}", endpoint.host, endpoint.repository);
        let known = || self.cache.as_ref()?.known(&address, &wanted.target, depth);
        if let Some(known) = known().filter(|_| !self.options.verify_body) {
            return Ok(known);
        }
        let host = self.host(&endpoint.host);
        let question = answer::Question {
            client: self,
            host: &host,
            repository: &endpoint.repository,
            target: &wanted.target,
            observer,
        };
        let resolved = question.ask(depth).await?;
        let is_safe = host.scheme.get() != Some(&"http") || endpoint::is_loopback(&host.name);
        if let Some(cache) = self.cache.as_ref().filter(|_| is_safe) {
            cache.remember(&address, &wanted.target, &resolved);
        }
        Ok(resolved)
    }
}
