//! One question to one host: requests with the right `Accept`, and what of the answers is believed.

mod asked;

use reqwest::header::HeaderValue;
use reqwest::{Method, Url};

use super::host::{Auth, Host};
use super::http::{Failure, Reply, Request};
use super::manifest::{Body, Descriptor, Fault, RawPlatform, hash, resolved};
use super::token::{Challenge, no_login};
use super::{Client, Observer};
use crate::reference::check_digest;
use crate::resolution::{Answer, Depth, Reason, Resolved, Target, Unresolved, media_type};
use asked::Asked;

/// How much of a media type a message shows.
const SHOWN: usize = 80;
/// How many tokens that a host does not take are replaced for one request.
const TOKENS: u32 = 2;
/// One question.
pub(super) struct Question<'a> {
    pub client: &'a Client,
    pub host: &'a Host,
    pub repository: &'a str,
    pub target: &'a Target,
    pub observer: &'a dyn Observer,
}

/// What a reply to a HEAD is worth.
enum Head {
    Resolved(Resolved),
    NeedsBody,
}

impl Question<'_> {
    pub(super) async fn ask(&self, depth: Depth) -> Answer {
        let _slot = self.host.slots.acquire().await.map_err(|_| self.invalid("is closed"))?;
        if depth == Depth::Digest && !self.client.options.verify_body {
            let reply = self.request(Method::HEAD, Asked::Manifest(self.target)).await?;
            if let Head::Resolved(resolved) = self.judge_head(&reply)? {
                return Ok(resolved);
            }
        }
        let (mut resolved, body) = self.read(self.target).await?;
        if depth == Depth::Digest {
            return Ok(resolved);
        }
        resolved.created = body.created();
        if let Some(config) = &body.config {
            self.configure(&mut resolved, config).await?;
        } else if depth == Depth::Created && resolved.created.is_none() {
            let first = resolved.children.iter().find(|child| child.platform.is_some());
            if let Some(child) = first.or(resolved.children.first()) {
                let (mut single, body) = self.read(&Target::Digest(child.digest.clone())).await?;
                single.created = body.created();
                if let Some(config) = &body.config {
                    self.configure(&mut single, config).await?;
                }
                resolved.created = single.created;
            }
        }
        Ok(resolved)
    }

    /// Platform and time of a single image, out of its configuration. Artifacts that are no images have other ones, which say nothing.
    async fn configure(&self, resolved: &mut Resolved, config: &Descriptor) -> Result<(), Unresolved> {
        let body = self.configuration(&config.digest).await?;
        if let Ok(config) = serde_json::from_slice::<RawPlatform>(&body) {
            resolved.platforms = config.named().into_iter().collect();
            resolved.created = resolved.created.take().or(config.created);
        }
        Ok(())
    }

    /// The configuration that its digest names: out of the cache, or fetched and hashed.
    async fn configuration(&self, digest: &str) -> Result<Vec<u8>, Unresolved> {
        check_digest(digest).map_err(|error| self.invalid(&format!("names content by no digest: {error}")))?;
        let cache = self.client.cache.as_ref();
        if let Some(body) = cache.and_then(|cache| cache.content(digest)) {
            return Ok(body);
        }
        let asked = Asked::Configuration(digest);
        let reply = self.request(Method::GET, asked).await?;
        self.check_status(&reply, asked)?;
        if hash(digest, &reply.body).as_deref() != Some(digest) {
            return Err(self.invalid(&format!("answers with other content than `{digest}`")));
        }
        if let Some(cache) = cache {
            cache.keep_content(digest, &reply.body);
        }
        Ok(reply.body)
    }

    /// Reads and hashes a manifest.
    async fn read(&self, target: &Target) -> Result<(Resolved, Body), Unresolved> {
        let asked = Asked::Manifest(target);
        let reply = self.request(Method::GET, asked).await?;
        self.check_status(&reply, asked)?;
        let media_type = self.check_type(&reply.media_type())?;
        if reply.body.is_empty() {
            return Err(self.invalid("answers with nothing"));
        }
        let claimed = digest_header(&reply);
        let algorithm = claimed.as_deref().unwrap_or(match target {
            Target::Digest(digest) => digest,
            Target::Tag(_) => "sha256:",
        });
        let digest =
            hash(algorithm, &reply.body).ok_or_else(|| self.invalid("uses an algorithm that is not hashed here"))?;
        if claimed.as_ref().is_some_and(|claimed| *claimed != digest) {
            return Err(self.invalid(&format!(
                "says `{}` of a manifest that is `{digest}`",
                claimed.unwrap_or_default()
            )));
        }
        if matches!(target, Target::Digest(asked) if *asked != digest) {
            return Err(self.invalid(&format!("answers with `{digest}`, which was not asked for")));
        }
        let body = self.parse(&reply.body, &media_type)?;
        if let Some(cache) = &self.client.cache {
            cache.keep_content(&digest, &reply.body);
        }
        Ok((resolved(digest, media_type, &body), body))
    }

    /// A manifest's JSON, and whether it is what its media type says.
    fn parse(&self, bytes: &[u8], media_type: &str) -> Result<Body, Unresolved> {
        Body::read(bytes, media_type).map_err(|fault| match fault {
            Fault::Schema1 => self.schema_1(),
            Fault::Wrong(what) => self.invalid(&what),
        })
    }

    fn judge_head(&self, reply: &Reply) -> Result<Head, Unresolved> {
        if matches!(reply.status.as_u16(), 400 | 405 | 501) {
            return Ok(Head::NeedsBody);
        }
        self.check_status(reply, Asked::Manifest(self.target))?;
        let name = reply.media_type();
        let Some(digest) = digest_header(reply).filter(|_| !name.is_empty()) else {
            return Ok(Head::NeedsBody);
        };
        let media_type = self.check_type(&name)?;
        if matches!(self.target, Target::Digest(asked) if *asked != digest) {
            return Err(self.invalid(&format!("answers with `{digest}`, which was not asked for")));
        }
        Ok(Head::Resolved(Resolved {
            digest,
            media_type,
            platforms: Vec::new(),
            children: Vec::new(),
            created: None,
        }))
    }

    /// The media type, where it names a manifest or an index.
    fn check_type(&self, name: &str) -> Result<String, Unresolved> {
        if media_type::ALL.contains(&name) {
            return Ok(name.to_owned());
        }
        if name.starts_with("application/vnd.docker.distribution.manifest.v1+") {
            return Err(self.schema_1());
        }
        let what: String = match name {
            "" => "something without a media type".to_owned(),
            name => name.chars().take(SHOWN).collect(),
        };
        let error = self.invalid(&format!("answers with `{what}`, which is no manifest"));
        Err(error.with_help("a login page or a proxy may stand in between"))
    }

    fn schema_1(&self) -> Unresolved {
        self.invalid("has this image as schema 1 alone, whose digest nobody can pull by")
            .with_help("push the image again with a current tool")
    }

    fn invalid(&self, what: &str) -> Unresolved {
        Unresolved::new(Reason::Invalid, format!("`{}` {what}", self.host.name))
    }

    /// A request below `/v2/`, with whatever the host wants to know of who asks.
    async fn request(&self, method: Method, asked: Asked<'_>) -> Result<Reply, Unresolved> {
        let scheme = self.scheme().await?;
        let address = format!("{scheme}://{}/v2/{}/{}", self.host.name, self.repository, asked.path());
        let url = Url::parse(&address).map_err(|_| self.invalid("is no address"))?;
        let accept = HeaderValue::from_str(&asked.accepted()).map_err(|_| self.invalid("is no address"))?;
        let mut first = None;
        if self.host.is_unknown() {
            // Who waited for the first request finds that it is known now.
            first = Some(self.host.discovery.lock().await).filter(|_| self.host.is_unknown());
        }
        let mut refused = 0;
        loop {
            let challenge = match &*self.host.auth.borrow() {
                Auth::Wants(challenge) => Some(challenge.clone()),
                Auth::Unknown | Auth::Open => None,
            };
            let repository = self.repository;
            let authorization = self
                .client
                .authorization(self.host, repository, challenge.as_ref(), self.observer)
                .await?;
            let request = || Request {
                method: method.clone(),
                url: url.clone(),
                accept: accept.clone(),
                authorization: authorization.clone(),
                form: None,
                plain: self.host.plain,
            };
            let reply = self.client.retried(self.host, &request, self.observer).await?;
            if reply.status != 401 {
                if self.host.is_unknown() {
                    self.host.auth.replace(Auth::Open);
                }
                return Ok(reply);
            }
            if let Some(other) = &reply.foreign {
                let message = format!(
                    "`{}` redirects to `{other}`, which wants a login of its own",
                    self.host.name
                );
                return Err(Unresolved::new(Reason::Denied, message));
            }
            let wanted = Challenge::read(&reply).ok_or_else(|| no_login(self.host))?;
            refused += u32::from(authorization.is_some());
            // A token may have run out on the way; a password that is refused stays refused.
            let is_final = refused > TOKENS || (authorization.is_some() && wanted == Challenge::Basic);
            if is_final {
                let message = format!("`{}` refuses the credentials for `{repository}`", self.host.name);
                return Err(Unresolved::new(Reason::Denied, message)
                    .with_help("log in again, or see which credentials are found"));
            }
            Client::forget(self.host, repository, authorization.as_ref()).await;
            self.host.auth.replace(Auth::Wants(wanted));
            first.take();
        }
    }

    /// `https`, or `http` where the user says so, or where the host is this machine and speaks no TLS.
    async fn scheme(&self) -> Result<&'static str, Unresolved> {
        let host = self.host;
        let found = host.scheme.get_or_try_init(async || {
            host.is_down()?;
            if host.plain {
                return Ok("http");
            }
            if !super::endpoint::is_loopback(&host.name) {
                return Ok("https");
            }
            let url = Url::parse(&format!("https://{}/v2/", host.name)).map_err(|_| self.invalid("is no address"))?;
            let request = Request {
                method: Method::GET,
                url,
                accept: HeaderValue::from_static("*/*"),
                authorization: None,
                form: None,
                plain: false,
            };
            match self.client.http.send(request).await {
                Ok(reply) => {
                    let wanted = Challenge::read(&reply).filter(|_| reply.status == 401 && reply.foreign.is_none());
                    host.auth.replace(wanted.map_or(Auth::Unknown, Auth::Wants));
                    Ok("https")
                }
                Err(Failure::NoTls(..)) => Ok("http"),
                Err(Failure::NoConnection(_, why)) => {
                    host.mark_down(&why);
                    Err(why)
                }
                Err(Failure::Final(why)) => Err(host.unheard(why)),
                Err(Failure::Broken(why)) => Err(host.unheard(Unresolved::new(Reason::Network, why))),
            }
        });
        host.is_down()?;
        found.await.copied()
    }
}

/// The digest that a reply claims, where it is well-formed and of an algorithm that the image specification registers.
fn digest_header(reply: &Reply) -> Option<String> {
    const NAME: &str = "docker-content-digest";
    let is_one = reply.headers.get_all(NAME).iter().count() == 1;
    let text = reply.header(NAME);
    let registered = text.starts_with("sha256:") || text.starts_with("sha512:");
    (is_one && registered && check_digest(text).is_ok()).then(|| text.to_owned())
}
