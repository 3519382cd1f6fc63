//! One request: its redirects, its limits, what went wrong with it. Knows HTTP and TLS, not what a registry is.

use std::cell::{Cell, OnceCell};
use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Method, StatusCode, Url};

use rustls::CertificateError;

use super::RegistryError;
use super::endpoint::is_loopback;
use crate::resolution::{Reason, Unresolved};
use crate::system::said;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a host may be silent.
const SILENCE: Duration = Duration::from_secs(30);
/// How long one request may take altogether.
const WHOLE: Duration = Duration::from_secs(60);
/// How many redirects are followed.
const REDIRECTS: usize = 5;
/// The largest body that is read, in bytes (OCI distribution specification, "Pushing Manifests").
pub(super) const MAX_BODY: usize = 4 * 1024 * 1024;

/// A client of all hosts, and how often it was used.
pub(super) struct Http {
    certificates: Vec<Certificate>,
    /// For hosts behind the system's proxies.
    far: OnceCell<reqwest::Client>,
    /// For this machine, which no proxy reaches.
    near: OnceCell<reqwest::Client>,
    sent: Cell<usize>,
}

/// A request as it goes out.
pub(super) struct Request {
    pub method: Method,
    pub url: Url,
    /// What of media types is taken.
    pub accept: HeaderValue,
    /// Who asks.
    pub authorization: Option<HeaderValue>,
    /// A form, for a POST.
    pub form: Option<String>,
    /// Whether hosts other than this machine may be reached without TLS.
    pub plain: bool,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The body; empty for a HEAD and for errors.
    pub body: Vec<u8>,
    /// The host that answered, where redirects led to another one.
    pub foreign: Option<String>,
}

impl Reply {
    /// The text of a header, empty where it is not there or no text.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .trim()
    }

    /// The media type, without parameters.
    pub(super) fn media_type(&self) -> String {
        let value = self.header(CONTENT_TYPE.as_str());
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// What went wrong with a request.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection broke midway: it may be tried again.
    Broken(String),
    /// There is no connection to this host: trying again does not help.
    NoConnection(String, Unresolved),
    /// This host does not speak TLS.
    NoTls(String, String),
    /// It cannot be done, or is not wanted.
    Final(Unresolved),
}

impl Http {
    pub(super) fn new(ca_file: Option<&Path>) -> Result<Self, RegistryError> {
        // A second session of one process finds it installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            certificates: ca_file.map(certificates).transpose()?.unwrap_or_default(),
            far: OnceCell::new(),
            near: OnceCell::new(),
            sent: Cell::new(0),
        })
    }

    /// The client for a host; made when it is first needed, since reading the system's certificates takes time.
    fn client(&self, url: &Url) -> Result<&reqwest::Client, Failure> {
        let is_near = is_loopback(url.host_str().unwrap_or_default());
        let place = if is_near { &self.near } else { &self.far };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let builder = reqwest::Client::builder()
            .user_agent(concat!("chartpin/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(WHOLE)
            .retry(reqwest::retry::never())
            .tls_certs_merge(self.certificates.clone());
        let builder = if is_near { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| {
            let message = format!("the network client does not start: {}", cause(&error));
            Failure::NoConnection(authority(url), Unresolved::new(Reason::Network, message))
        })?;
        Ok(place.get_or_init(|| client))
    }

    pub(super) fn sent(&self) -> usize {
        self.sent.get()
    }

    /// Sends a request and follows its redirects; credentials stay with the host that they are for.
    pub(super) async fn send(&self, mut request: Request) -> Result<Reply, Failure> {
        let first = authority(&request.url);
        let origin = request.url.origin();
        for _ in 0..=REDIRECTS {
            let mut reply = self.once(&request).await?;
            reply.foreign = (request.url.origin() != origin).then(|| authority(&request.url));
            if !matches!(reply.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(reply);
            }
            let next = target(&request, reply.header(LOCATION.as_str()))?;
            if next.origin() != request.url.origin() {
                request.authorization = None;
                if request.form.is_some() {
                    let message = format!("`{first}` sends a login on to another host");
                    return Err(Failure::Final(Unresolved::new(Reason::Denied, message)));
                }
            }
            request.url = next;
        }
        let message = format!("`{first}` redirects more than {REDIRECTS} times");
        Err(Failure::Final(Unresolved::new(Reason::Invalid, message)))
    }

    async fn once(&self, request: &Request) -> Result<Reply, Failure> {
        let mut builder = self
            .client(&request.url)?
            .request(request.method.clone(), request.url.clone())
            .header(ACCEPT, request.accept.clone());
        if let Some(authorization) = &request.authorization {
            builder = builder.header(AUTHORIZATION, authorization.clone());
        }
        if let Some(form) = &request.form {
            builder = builder
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.clone());
        }
        let host = authority(&request.url);
        let sent = builder.send().await;
        if !sent.as_ref().is_err_and(reqwest::Error::is_connect) {
            self.sent.set(self.sent.get() + 1);
        }
        let mut response = sent.map_err(|error| failure(&host, &error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        if request.method != Method::HEAD && status.is_success() {
            let claimed = headers
                .get(CONTENT_LENGTH)
                .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
            if claimed.is_some_and(|length| length > MAX_BODY) {
                return Err(too_large(&host));
            }
            while let Some(chunk) = response.chunk().await.map_err(|error| failure(&host, &error))? {
                if body.len() + chunk.len() > MAX_BODY {
                    return Err(too_large(&host));
                }
                body.extend_from_slice(&chunk);
            }
        }
        Ok(Reply {
            status,
            headers,
            body,
            foreign: None,
        })
    }
}

/// The certificates in a PEM file.
fn certificates(path: &Path) -> Result<Vec<Certificate>, RegistryError> {
    let error = |message: String| RegistryError::Certificates {
        path: path.to_owned(),
        message,
    };
    let pem = std::fs::read(path).map_err(|source| error(said(&source)))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|source| error(cause(&source)))?;
    if certificates.is_empty() {
        return Err(error("there is no certificate in it".to_owned()));
    }
    Ok(certificates)
}

/// `host[:port]` of an address.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn too_large(host: &str) -> Failure {
    let message = format!("`{host}` answers with more than {} MiB", MAX_BODY / 1024 / 1024);
    Failure::Final(Unresolved::new(Reason::Invalid, message))
}

/// Where a redirect leads; never from TLS to none.
fn target(request: &Request, location: &str) -> Result<Url, Failure> {
    let host = authority(&request.url);
    let refused = |what: &str| Failure::Final(Unresolved::new(Reason::Invalid, format!("`{host}` redirects {what}")));
    let next = request.url.join(location).map_err(|_| refused("to nowhere"))?;
    let is_secure = next.scheme() == "https";
    let is_near = is_loopback(next.host_str().unwrap_or_default()) || request.plain;
    if request.url.scheme() == "https" && !is_secure {
        return Err(refused("from https to http"));
    }
    let is_allowed = is_secure || (next.scheme() == "http" && is_near);
    if !is_allowed {
        return Err(refused("to an address that is not https"));
    }
    Ok(next)
}

/// What went wrong, told from what the layers below say.
fn failure(host: &str, error: &reqwest::Error) -> Failure {
    let network = |message: String| Unresolved::new(Reason::Network, message);
    let no_connection = |why: Unresolved| Failure::NoConnection(host.to_owned(), why);
    match tls_error(error) {
        Some(rustls::Error::InvalidCertificate(why)) => {
            let message = format!("the certificate of `{host}` is not trusted: {}", distrust(why));
            let help = "--ca-file FILE names the authority that signed it";
            return no_connection(network(message).with_help(help));
        }
        Some(tls @ (rustls::Error::AlertReceived(_) | rustls::Error::PeerIncompatible(_))) => {
            return no_connection(network(format!("`{host}` and chartpin cannot agree on TLS: {tls}")));
        }
        Some(tls) => return Failure::NoTls(host.to_owned(), tls.to_string()),
        None => {}
    }
    if error.is_timeout() && error.is_connect() {
        let message = format!("`{host}` does not take a connection within {} s", CONNECT.as_secs());
        return no_connection(network(message));
    }
    if error.is_timeout() {
        return Failure::Final(network(format!("`{host}` does not answer in time")));
    }
    let said = chain(error);
    if error.is_connect() {
        if said.contains("dns error") {
            return no_connection(network(format!("the name `{host}` does not resolve")));
        }
        let is_cut = said.contains("eof") || said.contains("reset") || said.contains("closed");
        if is_cut {
            // On this machine, that is how a server without TLS ends a greeting; elsewhere, it is how connections break.
            return if is_loopback(host) {
                Failure::NoTls(host.to_owned(), cause(error))
            } else {
                Failure::Broken(format!("the connection to `{host}` broke: {}", cause(error)))
            };
        }
        return no_connection(network(format!("`{host}` takes no connection: {}", cause(error))));
    }
    Failure::Broken(format!("the connection to `{host}` broke: {}", cause(error)))
}

/// Why a certificate is not trusted.
fn distrust(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => "its authority is not known".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name".to_owned()
        }
        other => format!("{other:?}"),
    }
}

/// The innermost cause of an error, which is what people understand of it.
fn cause(error: &(dyn StdError + 'static)) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    match innermost.downcast_ref::<io::Error>() {
        Some(error) => said(error),
        None => innermost.to_string().to_lowercase(),
    }
}

/// Everything that an error says, down to its innermost cause.
fn chain(error: &dyn StdError) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        said = format!("{said}: {cause}");
        next = cause.source();
    }
    said
}

/// What TLS says, where an error comes from there.
fn tls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(tls) = inner.and_then(|inner| tls_error(inner)) {
            return Some(tls);
        }
        next = cause.source();
    }
    None
}
