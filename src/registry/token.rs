//! Who asks: challenges, tokens and logins (OCI distribution specification; Docker's token authentication specification).

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::header::{HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, Url};
use serde::Deserialize;
use tokio::time::Instant;

use super::credentials::Credential;
use super::endpoint::is_loopback;
use super::host::Host;
use super::http::{Reply, Request};
use super::{Client, Observer};
use crate::resolution::{Reason, Unresolved};

/// How long a token counts that does not say how long it does (Docker's token specification, `expires_in`).
const LIFETIME: u64 = 60;
/// How long before its end a token is not used any more.
const MARGIN: Duration = Duration::from_secs(5);

/// What a host wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A user and a password with each request.
    Basic,
    /// A token of this server.
    Bearer {
        /// Its address.
        realm: String,
        /// The name under which it knows the registry.
        service: Option<String>,
    },
}

impl Challenge {
    /// The challenges of an answer: Bearer where there is a choice.
    pub(super) fn read(reply: &Reply) -> Option<Self> {
        let values = reply.headers.get_all(WWW_AUTHENTICATE);
        let mut found = None;
        for value in values.iter().filter_map(|value| value.to_str().ok()) {
            let (scheme, rest) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
            if scheme.eq_ignore_ascii_case("bearer") {
                let parameters = parameters(rest);
                let get = |name: &str| {
                    parameters
                        .iter()
                        .find(|(key, _)| key == name)
                        .map(|(_, value)| value.clone())
                };
                if let Some(realm) = get("realm") {
                    return Some(Self::Bearer {
                        realm,
                        service: get("service"),
                    });
                }
            } else if scheme.eq_ignore_ascii_case("basic") {
                found = Some(Self::Basic);
            }
        }
        found
    }
}

/// `name="value"` pairs with commas between them (RFC 9110, section 11.2).
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_ascii_lowercase();
        let mut value = String::new();
        let after = after.trim_start();
        if let Some(quoted) = after.strip_prefix('"') {
            let mut chars = quoted.char_indices();
            let mut end = quoted.len();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    '\\' => value.extend(chars.next().map(|(_, c)| c)),
                    c => value.push(c),
                }
            }
            rest = &quoted[end..];
        } else {
            let end = after.find(',').unwrap_or(after.len());
            after[..end].trim().clone_into(&mut value);
            rest = &after[end..];
        }
        out.push((name, value));
    }
    out
}

/// A token, and until when it counts.
#[derive(Clone)]
pub(super) struct Token {
    pub header: HeaderValue,
    until: Instant,
}

#[derive(Deserialize)]
struct TokenReply {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

impl Client {
    /// The header that says who asks `host` for `repository`; none where it wants none.
    pub(super) async fn authorization(
        &self,
        host: &Host,
        repository: &str,
        challenge: Option<&Challenge>,
        observer: &dyn Observer,
    ) -> Result<Option<HeaderValue>, Unresolved> {
        match challenge {
            None => Ok(None),
            Some(Challenge::Basic) => match self.credential(host, repository).await? {
                Credential::Basic { username, password } => basic(&username, password.expose()).map(Some),
                Credential::RegistryToken(token) => bearer(token.expose()).map(Some),
                Credential::Anonymous | Credential::IdentityToken(_) => Err(no_login(host)),
            },
            Some(Challenge::Bearer { realm, service }) => {
                let place = host.token(repository);
                let mut token = place.lock().await;
                if let Some(token) = token.as_ref().filter(|token| token.until > Instant::now()) {
                    return Ok(Some(token.header.clone()));
                }
                let fetched = self
                    .fetch(host, repository, realm, service.as_deref(), observer)
                    .await?;
                Ok(Some(token.insert(fetched).header.clone()))
            }
        }
    }

    /// Throws away the token that a host did not take.
    pub(super) async fn forget(host: &Host, repository: &str, refused: Option<&HeaderValue>) {
        let place = host.token(repository);
        let mut token = place.lock().await;
        if token.as_ref().map(|token| &token.header) == refused {
            *token = None;
        }
    }

    /// The credentials for a host. A helper process may answer, so this is done beside the other work.
    async fn credential(&self, host: &Host, repository: &str) -> Result<Credential, Unresolved> {
        let keyring = std::sync::Arc::clone(&self.keyring);
        let (name, repository) = (host.name.clone(), repository.to_owned());
        let found = tokio::task::spawn_blocking(move || keyring.find(&name, &repository)).await;
        let found =
            found.map_err(|error| Unresolved::new(Reason::Denied, format!("a credential helper failed: {error}")))?;
        found.map_err(|error| {
            let unresolved = Unresolved::new(Reason::Denied, error.to_string());
            match error.help() {
                Some(help) => unresolved.with_help(help),
                None => unresolved,
            }
        })
    }

    async fn fetch(
        &self,
        host: &Host,
        repository: &str,
        realm: &str,
        service: Option<&str>,
        observer: &dyn Observer,
    ) -> Result<Token, Unresolved> {
        let mut url = realm_address(host, realm)?;
        let scope = format!("repository:{repository}:pull");
        let credential = self.credential(host, repository).await?;
        let mut authorization = None;
        let mut form = None;
        match &credential {
            Credential::RegistryToken(token) => {
                return Ok(Token {
                    header: bearer(token.expose())?,
                    until: self.deadline,
                });
            }
            Credential::IdentityToken(token) => {
                let mut pairs = vec![
                    ("grant_type", "refresh_token"),
                    ("client_id", "chartpin"),
                    ("scope", scope.as_str()),
                    ("refresh_token", token.expose()),
                ];
                pairs.extend(service.map(|service| ("service", service)));
                form = Some(encoded(&pairs));
            }
            Credential::Basic { username, password } => authorization = Some(basic(username, password.expose())?),
            Credential::Anonymous => {}
        }
        if form.is_none() {
            let mut pairs = url.query_pairs_mut();
            pairs.extend_pairs(service.map(|service| ("service", service)));
            pairs.append_pair("scope", &scope);
        }
        let request = || Request {
            method: if form.is_some() { Method::POST } else { Method::GET },
            url: url.clone(),
            accept: HeaderValue::from_static("application/json"),
            authorization: authorization.clone(),
            form: form.clone(),
            plain: host.plain,
        };
        let reply = self.retried(host, &request, observer).await?;
        let known = !matches!(credential, Credential::Anonymous);
        token(host, &url, &reply, known)
    }
}

/// Reads the answer of a token server.
fn token(host: &Host, url: &Url, reply: &Reply, known: bool) -> Result<Token, Unresolved> {
    let server = url.host_str().unwrap_or_default();
    let status = reply.status.as_u16();
    match status {
        200 => {}
        401 | 403 if known => {
            let message = format!("`{server}` refuses the credentials for `{}`", host.name);
            return Err(
                Unresolved::new(Reason::Denied, message).with_help("log in again, or see which credentials are found")
            );
        }
        400 | 401 | 403 => return Err(no_login(host)),
        _ => {
            let message = format!("the token server `{server}` of `{}` answers {status}", host.name);
            return Err(Unresolved::new(Reason::Network, message));
        }
    }
    let invalid = || Unresolved::new(Reason::Invalid, format!("the token server `{server}` gives no token"));
    let read: TokenReply = serde_json::from_slice(&reply.body).map_err(|_| invalid())?;
    let text = read
        .token
        .or(read.access_token)
        .filter(|text| !text.is_empty())
        .ok_or_else(invalid)?;
    let lifetime = Duration::from_secs(read.expires_in.unwrap_or(LIFETIME).min(24 * 3600));
    Ok(Token {
        header: bearer(&text).map_err(|_| invalid())?,
        until: Instant::now() + lifetime.saturating_sub(MARGIN.min(lifetime / 4)),
    })
}

/// The address of a token server: with TLS, unless the registry itself is spoken to without.
fn realm_address(host: &Host, realm: &str) -> Result<Url, Unresolved> {
    let invalid = |what: &str| {
        let message = format!("`{}` names a token server {what}", host.name);
        Unresolved::new(Reason::Denied, message)
    };
    let url = Url::parse(realm).map_err(|_| invalid("that is no address"))?;
    let is_plain = host.scheme.get().is_some_and(|scheme| *scheme == "http");
    let server = url.host_str().unwrap_or_default();
    let is_near = is_loopback(server) || host.plain && server == host.name.split(':').next().unwrap_or_default();
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_plain && is_near => Ok(url),
        _ => Err(invalid("without TLS, to which nothing is sent")),
    }
}

pub(super) fn no_login(host: &Host) -> Unresolved {
    let message = format!(
        "`{}` wants a login for this, and there are no credentials for it",
        host.name
    );
    Unresolved::new(Reason::Denied, message)
        .with_help("log in with `docker login`, `podman login`, or --auth-file; or the image does not exist")
}

fn secret_header(text: &str) -> Result<HeaderValue, Unresolved> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Unresolved::new(Reason::Denied, "the credentials hold characters that a header cannot"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn basic(username: &str, password: &str) -> Result<HeaderValue, Unresolved> {
    let pair = BASE64_STANDARD.encode(format!("{username}:{password}"));
    secret_header(&format!("Basic {pair}"))
}

fn bearer(token: &str) -> Result<HeaderValue, Unresolved> {
    secret_header(&format!("Bearer {token}"))
}

/// A form as a body has it.
fn encoded(pairs: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse("http://localhost/") else {
        return String::new();
    };
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    fn read(values: &[&'static str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
        Challenge::read(&Reply {
            status: StatusCode::UNAUTHORIZED,
            headers,
            body: Vec::new(),
            foreign: None,
        })
    }

    #[test]
    fn bearer_is_taken_where_there_is_a_choice() {
        let bearer = Some(Challenge::Bearer {
            realm: "https://auth.example/token".to_owned(),
            service: Some("a \"b\", c".to_owned()),
        });
        let value =
            r#"Bearer realm="https://auth.example/token",service="a \"b\", c" , scope="repository:a/b:pull,push""#;
        assert_eq!(read(&["Basic realm=\"x\"", value]), bearer);
        assert_eq!(
            read(&["bearer REALM=https://auth.example/token"]).map(|c| c != Challenge::Basic),
            Some(true)
        );
        assert_eq!(read(&["BASIC"]), Some(Challenge::Basic));
        assert_eq!(read(&["Digest realm=x", "Bearer service=x"]), None);
    }
}
