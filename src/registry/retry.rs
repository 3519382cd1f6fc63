//! Trying again: what may help, how long to wait before, and when to stop.

use std::time::{Duration, SystemTime};

use jiff::fmt::rfc2822;
use reqwest::header::RETRY_AFTER;
use tokio::time::sleep;

use super::host::Host;
use super::http::{Failure, Reply, Request};
use super::{Client, Observer};
use crate::resolution::{Reason, Unresolved};

/// How often one request is tried.
const TRIES: u32 = 5;
/// The first pause before a request is tried again; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

impl Client {
    /// Sends a request, again where that may help: too many requests, a fault of the server, a broken connection.
    pub(super) async fn retried(
        &self,
        host: &Host,
        request: &dyn Fn() -> Request,
        observer: &dyn Observer,
    ) -> Result<Reply, Unresolved> {
        let mut tried = 0;
        loop {
            host.ready().await;
            host.is_down()?;
            tried += 1;
            let again = tried < TRIES;
            match self.http.send(request()).await {
                Ok(reply) if reply.status == 429 => {
                    let wait = retry_after(&reply).unwrap_or_else(|| pause(tried + 2));
                    host.pause(wait, observer)?;
                    if !again {
                        return Ok(reply);
                    }
                }
                Ok(reply) if reply.status.is_server_error() && reply.status != 501 && again && host.may_retry() => {
                    sleep(retry_after(&reply).map_or_else(|| pause(tried), |wait| wait.min(pause(TRIES)))).await;
                }
                Ok(reply) => {
                    if !reply.status.is_server_error() {
                        host.answered();
                    }
                    return Ok(reply);
                }
                Err(Failure::Broken(_)) if again && host.may_retry() => sleep(pause(tried)).await,
                Err(Failure::Broken(why)) => return Err(host.unheard(Unresolved::new(Reason::Network, why))),
                Err(Failure::Final(why)) => return Err(host.unheard(why)),
                Err(Failure::NoTls(other, why)) => {
                    let message = format!("`{other}` does not speak TLS: {why}");
                    let why = Unresolved::new(Reason::Network, message);
                    if other != host.name {
                        return Err(why);
                    }
                    let why = why.with_help(format!("--plain-http {other} allows to ask it without"));
                    host.mark_down(&why);
                    return Err(why);
                }
                Err(Failure::NoConnection(other, why)) => {
                    if other == host.name {
                        host.mark_down(&why);
                    }
                    return Err(why);
                }
            }
        }
    }
}

/// The pause before try number `tried + 1`: twice the last one, and half of it by chance, so that many do not come back at once.
fn pause(tried: u32) -> Duration {
    let full = FIRST_PAUSE * 2_u32.pow(tried.min(5));
    full.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(reply: &Reply) -> Option<Duration> {
    let text = reply.header(RETRY_AFTER.as_str());
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = rfc2822::parse(text).ok()?.timestamp();
    Some(
        SystemTime::from(at)
            .duration_since(SystemTime::now())
            .unwrap_or_default(),
    )
}
