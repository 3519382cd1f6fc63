//! What can go wrong with the answers of a registry.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::http::{Request, Response, Sending, challenge, decoded, fields};
use super::image::{Image, digest};

/// One way in which an answer goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It does not: this one answer in a row of faults is right.
    Fine,
    /// The fault befalls this method alone; in a row it waits for it.
    On(&'static str, Box<Fault>),
    /// Another status, with these headers and an error as the specification has it.
    Status(u16, Vec<(&'static str, String)>),
    /// 429 with this `Retry-After`.
    RetryAfter(String),
    /// The connection closes after half the promised body; for HEAD before the first byte.
    Reset,
    /// The answer is right and comes this late.
    Hang(Duration),
    /// No `Docker-Content-Digest`.
    NoDigestHeader,
    /// 405 for HEAD, while GET works; in a row it waits for a HEAD.
    HeadRefused,
    /// A well-formed `Docker-Content-Digest` of something else.
    WrongDigestHeader,
    /// This for a `Docker-Content-Digest`.
    MalformedDigestHeader(String),
    /// 307 to this URL; the path of the request is appended to one that has none (`http://host:port`).
    Redirect(String),
    /// 307 to itself, with a query that grows, without end.
    RedirectLoop,
    /// A body of 64 MiB in chunks that claims no length, with the digest header of the right one.
    HugeBody,
    /// This `Content-Length`, whatever is sent; the connection closes after the right body.
    ContentLength(u64),
    /// The first half of the JSON, with the digest header of that half.
    BrokenJson,
    /// No body, with the digest header of the right one.
    EmptyBody,
    /// This `Content-Type`, none if it is empty, and all else as it should be.
    ContentType(String),
    /// A web page with status 200 and without a digest header, as a portal or a proxy shows.
    Html,
    /// A signed manifest of schema 1, whose digest leaves out the signatures.
    Schema1,
    /// The first child of an index, for who asks for a tag and does not name the type of the index in `Accept`.
    ChildForNoAccept,
    /// 401 for who shows no credentials, with a challenge whose realm is this URL; for a registry without authentication.
    Realm(String),
}

impl Fault {
    /// The fault if it befalls a method.
    pub(super) fn for_method(&self, method: &str) -> Option<Self> {
        match self {
            Self::On(only, _) if *only != method => None,
            Self::On(_, fault) => fault.for_method(method),
            Self::HeadRefused if method != "HEAD" => None,
            _ => Some(self.clone()),
        }
    }

    /// Makes an answer go wrong that it befalls; `find` finds other manifests of the repository.
    pub(super) fn spoil(
        self,
        response: &mut Response,
        request: &Request,
        name: &str,
        find: &dyn Fn(&str) -> Option<Arc<Image>>,
    ) {
        match self {
            Self::HeadRefused => *response = Response::error(405),
            Self::Status(status, headers) => {
                *response = Response::error(status);
                for (name, value) in &headers {
                    response.set(name, value);
                }
            }
            Self::RetryAfter(value) => *response = Response::error(429).with("retry-after", &value),
            Self::Reset => response.sending = Sending::Half,
            Self::Hang(time) => std::thread::sleep(time),
            Self::NoDigestHeader => response.unset("docker-content-digest"),
            Self::WrongDigestHeader => response.set("docker-content-digest", &digest(b"another")),
            Self::MalformedDigestHeader(value) => response.set("docker-content-digest", &value),
            Self::Redirect(url) => {
                let bare = url.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'));
                let path = if bare { request.path.as_str() } else { "" };
                *response = Response::error(307).with("location", &format!("{url}{path}"));
            }
            Self::RedirectLoop => {
                let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
                let hop: u64 = fields(query).first().map_or(0, |(_, hop)| hop.parse().unwrap_or(0));
                *response = Response::error(307).with("location", &format!("{path}?hop={}", hop + 1));
            }
            Self::HugeBody => response.sending = Sending::Endless,
            Self::ContentLength(length) => response.set("content-length", &length.to_string()),
            Self::BrokenJson => {
                response.body.truncate(response.body.len() / 2);
                response.set("docker-content-digest", &digest(&response.body));
            }
            Self::EmptyBody => response.body.clear(),
            Self::ContentType(value) if value.is_empty() => response.unset("content-type"),
            Self::ContentType(value) => response.set("content-type", &value),
            Self::Html => {
                let page = "<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>\n";
                *response = Response::new(200, "text/html; charset=utf-8", page.into());
            }
            Self::Schema1 => *response = schema1(name),
            Self::ChildForNoAccept => {
                let accepts = request.headers.iter().filter(|(name, _)| name == "accept");
                let media_type = response.headers.iter().find(|(name, _)| name == "content-type");
                let media_type = media_type.map_or("", |(_, value)| value.as_str());
                let named = accepts.into_iter().any(|(_, value)| value.contains(media_type));
                let by_digest = decoded(&request.path).contains(':');
                let index: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                let child = index["manifests"][0]["digest"].as_str().and_then(find);
                if let (false, false, Some(child)) = (by_digest, named, child) {
                    *response = Response::image(&child);
                }
            }
            Self::Realm(realm) if request.header("authorization").is_none() => {
                let challenge = challenge(&realm, "registry.test", name, "");
                *response = Response::error(401).with("www-authenticate", &challenge);
            }
            // What `On` holds was taken out by `for_method`.
            Self::Fine | Self::On(..) | Self::Realm(_) => {}
        }
    }
}

/// A signed manifest of schema 1: the signatures stand before the last brace, and the digest is that of the text without them.
fn schema1(name: &str) -> Response {
    let history = json!({ "id": "0", "created": "2015-01-01T00:00:00Z", "os": "linux" }).to_string();
    let payload = json!({
        "schemaVersion": 1,
        "name": name,
        "tag": "old",
        "architecture": "amd64",
        "fsLayers": [{ "blobSum": digest(b"layer") }],
        "history": [{ "v1Compatibility": history }],
    });
    let payload = serde_json::to_string_pretty(&payload).unwrap();
    let signed = payload.trim_end_matches("\n}");
    let signature = json!([{ "header": { "alg": "ES256" }, "signature": "c2ln", "protected": "e30" }]);
    let body = format!("{signed},\n  \"signatures\": {signature}\n}}");
    let media_type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    Response::new(200, media_type, body.into_bytes()).with("docker-content-digest", &digest(payload.as_bytes()))
}
