//! A registry for tests: an OCI registry in the test's own process, with real HTTP on the loopback, that misbehaves when told to.
#![expect(dead_code, reason = "not every test needs every kind of trouble")]

mod fault;
mod http;
mod image;
mod tls;

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;

pub(crate) use self::fault::Fault;
pub(crate) use self::http::{Request, base64};
pub(crate) use self::image::Image;
pub(crate) use self::tls::Authority;

use self::http::{Response, Wire, decoded, fields};

/// How a registry is to behave from its start; the default is plain HTTP that lets everybody in at once.
#[derive(Default)]
pub(crate) struct Options {
    /// Whom it lets in.
    pub(crate) auth: Auth,
    /// How long it takes for each answer.
    pub(crate) latency: Duration,
    /// The chain and the key of its certificate, both in PEM, from [`Authority::issue`].
    pub(crate) tls: Option<(String, String)>,
}

/// Whom a registry lets in.
#[derive(Default)]
pub(crate) enum Auth {
    /// Everybody.
    #[default]
    None,
    /// Who gives the one user's name and password with each request.
    Basic {
        /// The name.
        user: String,
        /// The password.
        pass: String,
    },
    /// Who got a token for the repository.
    Bearer(Bearer),
}

/// How tokens are given out, at `/token`, and what they are good for.
pub(crate) struct Bearer {
    /// The realm of the challenge where it is not the registry's own `/token`.
    pub(crate) realm: Option<String>,
    /// The service, which a request for a token has to name.
    pub(crate) service: String,
    /// The one user's name and password.
    pub(crate) user: Option<(String, String)>,
    /// Whether there are tokens without a password too.
    pub(crate) anonymous: bool,
    /// The identity token that a POST with `grant_type=refresh_token` is taken for; without one a POST is a 405.
    pub(crate) identity: Option<String>,
    /// The seconds that an answer promises; `None` says nothing, which means sixty.
    pub(crate) expires_in: Option<u64>,
    /// How long a token really lives, where that is not what was promised.
    pub(crate) lives: Option<Duration>,
    /// How many requests a token is good for: it expires without a wait.
    pub(crate) uses: Option<usize>,
    /// The field of a GET's answer with the token, `token` or `access_token`; that of a POST is always the latter.
    pub(crate) field: &'static str,
}

impl Default for Bearer {
    fn default() -> Self {
        Self {
            realm: None,
            service: "registry.test".to_owned(),
            user: None,
            anonymous: true,
            identity: None,
            expires_in: Some(300),
            lives: None,
            uses: None,
            field: "token",
        }
    }
}

/// A running registry; it stops when it is dropped.
pub(crate) struct Registry {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl Registry {
    /// One over plain HTTP that lets everybody in.
    pub(crate) fn start() -> Self {
        Self::start_with(Options::default())
    }

    /// One that behaves as `options` say.
    pub(crate) fn start_with(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let tls = options.tls.as_ref().map(|(chain, key)| tls::config(chain, key));
        let shared = Arc::new(Shared {
            options,
            tls,
            state: Mutex::default(),
            stopped: AtomicBool::new(false),
            any: AtomicBool::new(false),
            flying: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            sent: AtomicU64::new(0),
        });
        let accepting = Some(std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&shared, &listener)
        }));
        Self {
            shared,
            address,
            accepting,
        }
    }

    /// Host and port, as image references write them: `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Scheme, host and port: `http://127.0.0.1:PORT`, with `https` where it has a certificate.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.shared.scheme(), self.address)
    }

    /// Serves an image under a tag and under its digest, with its children and configurations; a tag moves when it is put again.
    pub(crate) fn put(&self, name: &str, tag: &str, image: &Image) {
        self.shared.state.lock().unwrap().put(name, tag, image);
    }

    /// Answers each name and tag that was not put with an image of its own, see [`Registry::digest_of`].
    pub(crate) fn answer_all(&self) {
        self.shared.any.store(true, SeqCst);
    }

    /// The digest of what [`Registry::answer_all`] answers with.
    pub(crate) fn digest_of(name: &str, tag: &str) -> String {
        Image::manifest(&format!("{name}:{tag}")).digest()
    }

    /// Lets the next requests at `place` go wrong, one fault each in this order, and those after them go well again.
    ///
    /// A place is `NAME` (the manifests of a repository), `*` (those of all), `NAME/blobs`, `/token` or `/v2/`. Requests
    /// that are not let in use up no fault.
    pub(crate) fn faults(&self, place: &str, faults: impl IntoIterator<Item = Fault>) {
        let mut state = self.shared.state.lock().unwrap();
        state.plans.entry(place.to_owned()).or_default().next.extend(faults);
    }

    /// Lets every request at `place` go wrong; several faults come together, in the order given.
    pub(crate) fn always(&self, place: &str, fault: Fault) {
        let mut state = self.shared.state.lock().unwrap();
        state.plans.entry(place.to_owned()).or_default().always.push(fault);
    }

    /// Every request so far, in the order of arrival.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.state.lock().unwrap().requests.clone()
    }

    /// How many requests so far are such.
    pub(crate) fn count(&self, such: impl Fn(&Request) -> bool) -> usize {
        let state = self.shared.state.lock().unwrap();
        state.requests.iter().filter(|request| such(request)).count()
    }

    /// The largest number of requests in flight at once. A request is so from its arrival until its answer starts to leave: a
    /// client that has N open at most is never seen with more.
    pub(crate) fn peak(&self) -> usize {
        self.shared.peak.load(SeqCst)
    }

    /// How many bytes of bodies left so far; what nobody read of them is what the sockets' buffers hold.
    pub(crate) fn sent(&self) -> u64 {
        self.shared.sent.load(SeqCst)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.shared.stopped.store(true, SeqCst);
        let woken = TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok();
        if let (true, Some(accepting)) = (woken, self.accepting.take()) {
            drop(accepting.join());
        }
    }
}

/// What the threads of a registry share.
struct Shared {
    options: Options,
    tls: Option<Arc<rustls::ServerConfig>>,
    state: Mutex<State>,
    stopped: AtomicBool,
    any: AtomicBool,
    flying: AtomicUsize,
    peak: AtomicUsize,
    sent: AtomicU64,
}

/// What a registry holds and remembers.
#[derive(Default)]
struct State {
    repositories: HashMap<String, Repository>,
    plans: HashMap<String, Plan>,
    grants: HashMap<String, Grant>,
    requests: Vec<Request>,
}

/// One repository: tags to digests, and what is there under its digest.
#[derive(Default)]
struct Repository {
    tags: HashMap<String, String>,
    manifests: HashMap<String, Arc<Image>>,
    blobs: HashMap<String, Arc<Vec<u8>>>,
}

/// What goes wrong at a place.
#[derive(Default)]
struct Plan {
    next: VecDeque<Fault>,
    always: Vec<Fault>,
}

/// What a token is good for.
struct Grant {
    names: Vec<String>,
    born: Instant,
    left: usize,
}

impl State {
    fn put(&mut self, name: &str, tag: &str, image: &Image) {
        let repository = self.repositories.entry(name.to_owned()).or_default();
        repository.tags.insert(tag.to_owned(), image.digest());
        for image in image.children.iter().chain([image]) {
            repository.manifests.insert(image.digest(), Arc::new(image.clone()));
            if let Some(config) = &image.config {
                repository.blobs.insert(image::digest(config), Arc::new(config.clone()));
            }
        }
    }

    fn manifest(&self, name: &str, reference: &str) -> Option<Arc<Image>> {
        let repository = self.repositories.get(name)?;
        let digest = repository.tags.get(reference).map_or(reference, String::as_str);
        repository.manifests.get(digest).cloned()
    }

    /// The faults of one request at a place; those that come once are taken out.
    fn due(&mut self, place: &str, method: &str) -> Vec<Fault> {
        let Some(plan) = self.plans.get_mut(place) else {
            return Vec::new();
        };
        let mut due: Vec<Fault> = plan
            .always
            .iter()
            .filter_map(|fault| fault.for_method(method))
            .collect();
        if let Some(fault) = plan.next.front().and_then(|fault| fault.for_method(method)) {
            plan.next.pop_front();
            due.push(fault);
        }
        due
    }
}

/// Takes connections, each to a thread of its own, until the registry stops.
fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    for stream in listener.incoming() {
        if shared.stopped.load(SeqCst) {
            break;
        }
        let shared = Arc::clone(shared);
        // Errors are those of clients that went away.
        std::thread::spawn(move || drop(stream.and_then(|stream| shared.serve(stream))));
    }
}

impl Shared {
    fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Serves one connection until its client or a fault ends it.
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut first = [0];
        let greets = stream.peek(&mut first)? == 1 && first[0] == 0x16;
        let mut wire = match &self.tls {
            Some(config) if greets => Wire::tls(config, stream),
            None if !greets => Wire::plain(stream),
            None => return Ok(()),
            Some(_) => {
                let refusal = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
                return Wire::plain(stream).write_all(refusal.as_bytes());
            }
        };
        while let Some(request) = wire.request()? {
            if self.stopped.load(SeqCst) {
                break;
            }
            self.peak.fetch_max(self.flying.fetch_add(1, SeqCst) + 1, SeqCst);
            self.state.lock().unwrap().requests.push(request.clone());
            let response = self.answer(&request);
            if !self.options.latency.is_zero() {
                std::thread::sleep(self.options.latency);
            }
            self.flying.fetch_sub(1, SeqCst);
            if !wire.send(&request, &response, &self.sent)? {
                break;
            }
        }
        wire.close()
    }

    /// The answer to a request, with the faults that are due.
    fn answer(&self, request: &Request) -> Response {
        let path = decoded(request.path.split('?').next().unwrap_or_default());
        let manifest = path
            .strip_prefix("/v2/")
            .and_then(|rest| rest.rsplit_once("/manifests/"));
        let blob = path.strip_prefix("/v2/").and_then(|rest| rest.rsplit_once("/blobs/"));
        let (name, reference) = manifest.or(blob).unwrap_or_default();
        let places = match (manifest, blob) {
            (Some(_), _) => vec!["*".to_owned(), name.to_owned()],
            (_, Some(_)) => vec![format!("{name}/blobs")],
            _ => vec![path.clone()],
        };
        if let Err(refusal) = self.let_in(request, &path, name) {
            return *refusal;
        }
        let reads = request.method == "GET" || request.method == "HEAD";
        let mut response = match (path.as_str(), manifest, blob) {
            ("/token", ..) => self.token(request),
            _ if !reads => Response::error(405),
            ("/v2/", ..) => Response::json(200, &json!({})),
            (_, Some(_), _) => self.manifest(name, reference),
            (_, _, Some(_)) => self.blob(name, reference),
            _ => Response::error(404),
        };
        for place in places {
            let due = self.state.lock().unwrap().due(&place, &request.method);
            for fault in due {
                let find = |digest: &str| self.state.lock().unwrap().manifest(name, digest);
                fault.spoil(&mut response, request, name, &find);
            }
        }
        response
    }

    fn manifest(&self, name: &str, reference: &str) -> Response {
        let found = self.state.lock().unwrap().manifest(name, reference);
        if let Some(image) = found {
            return Response::image(&image);
        }
        if self.any.load(SeqCst) && !reference.contains(':') {
            let image = Image::manifest(&format!("{name}:{reference}"));
            self.state.lock().unwrap().put(name, reference, &image);
            return Response::image(&image);
        }
        if self.state.lock().unwrap().repositories.contains_key(name) {
            Response::error_as(404, "MANIFEST_UNKNOWN")
        } else {
            Response::error_as(404, "NAME_UNKNOWN")
        }
    }

    fn blob(&self, name: &str, digest: &str) -> Response {
        let state = self.state.lock().unwrap();
        let blob = state
            .repositories
            .get(name)
            .and_then(|repository| repository.blobs.get(digest));
        blob.map_or_else(
            || Response::error_as(404, "BLOB_UNKNOWN"),
            |blob| Response::new(200, "application/octet-stream", blob.to_vec()).with("docker-content-digest", digest),
        )
    }

    /// Whether a request may see anything; otherwise the challenge.
    fn let_in(&self, request: &Request, path: &str, name: &str) -> Result<(), Box<Response>> {
        let given = request.header("authorization");
        let challenge = match &self.options.auth {
            _ if !path.starts_with("/v2/") => return Ok(()),
            Auth::None => return Ok(()),
            Auth::Basic { user, pass } if given == Some(basic(user, pass).as_str()) => return Ok(()),
            Auth::Basic { .. } => "Basic realm=\"registry\"".to_owned(),
            Auth::Bearer(bearer) => {
                let token = given.and_then(|given| given.strip_prefix("Bearer "));
                let Some(error) = token.map_or(Some(""), |token| self.refused(bearer, token, name)) else {
                    return Ok(());
                };
                let own = format!(
                    "{}://{}/token",
                    self.scheme(),
                    request.header("host").unwrap_or_default()
                );
                let realm = bearer.realm.as_ref().unwrap_or(&own);
                http::challenge(realm, &bearer.service, name, error)
            }
        };
        Err(Box::new(Response::error(401).with("www-authenticate", &challenge)))
    }

    /// Why a token is not good for a repository.
    fn refused(&self, bearer: &Bearer, token: &str, name: &str) -> Option<&'static str> {
        let lives = bearer
            .lives
            .unwrap_or(Duration::from_secs(bearer.expires_in.unwrap_or(60)));
        let mut state = self.state.lock().unwrap();
        match state.grants.get_mut(token) {
            Some(grant) if grant.left > 0 && grant.born.elapsed() < lives => {
                if !name.is_empty() && !grant.names.iter().any(|granted| granted == name) {
                    return Some("insufficient_scope");
                }
                grant.left -= 1;
                None
            }
            _ => Some("invalid_token"),
        }
    }

    /// Gives out a token, by GET as registries have always done and by POST as OAuth 2 does.
    fn token(&self, request: &Request) -> Response {
        let Auth::Bearer(bearer) = &self.options.auth else {
            return Response::error(404);
        };
        let posted = request.method == "POST";
        let asked = if posted {
            fields(&String::from_utf8_lossy(&request.body))
        } else {
            fields(request.path.split_once('?').map_or("", |(_, query)| query))
        };
        let first = |key: &str| {
            asked
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.as_str())
        };
        let known = if posted {
            if bearer.identity.is_none() {
                return Response::error(405);
            }
            first("grant_type") == Some("refresh_token") && first("refresh_token") == bearer.identity.as_deref()
        } else {
            match (request.header("authorization"), &bearer.user) {
                (None, _) => bearer.anonymous,
                (Some(given), Some((user, pass))) => given == basic(user, pass),
                (Some(_), None) => false,
            }
        };
        if !known {
            return Response::error(401);
        }
        if first("service") != Some(bearer.service.as_str()) {
            return Response::error(400);
        }
        let scopes = asked
            .iter()
            .filter(|(key, _)| key == "scope")
            .flat_map(|(_, value)| value.split(' '));
        let pulled = scopes.filter_map(|scope| {
            let (name, actions) = scope.strip_prefix("repository:")?.rsplit_once(':')?;
            actions
                .split(',')
                .any(|action| action == "pull")
                .then(|| name.to_owned())
        });
        let grant = Grant {
            names: pulled.collect(),
            born: Instant::now(),
            left: bearer.uses.unwrap_or(usize::MAX),
        };
        let mut state = self.state.lock().unwrap();
        let token = format!("token-{}", state.grants.len() + 1);
        state.grants.insert(token.clone(), grant);
        let mut answer = json!({ (if posted { "access_token" } else { bearer.field }): token });
        if let Some(seconds) = bearer.expires_in {
            answer["expires_in"] = seconds.into();
        }
        Response::json(200, &answer)
    }
}

/// The value of an `Authorization` header with a name and a password.
fn basic(user: &str, pass: &str) -> String {
    format!("Basic {}", base64(format!("{user}:{pass}").as_bytes()))
}
