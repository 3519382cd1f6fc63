//! What of a repository a request is for, and what the status of a reply says about it. Sends nothing.

use super::Question;
use crate::registry::http::Reply;
use crate::resolution::{Reason, Target, Unresolved, media_type};

/// What of the repository a request is for.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    /// A manifest or an index.
    Manifest(&'a Target),
    /// The configuration of a single image.
    Configuration(&'a str),
}

impl Asked<'_> {
    /// Where it lies below the repository.
    pub(super) fn path(self) -> String {
        match self {
            Self::Manifest(target) => format!("manifests/{}", target.as_str()),
            Self::Configuration(digest) => format!("blobs/{digest}"),
        }
    }

    /// The media types that it may have.
    pub(super) fn accepted(self) -> String {
        match self {
            Self::Manifest(_) => media_type::ALL.join(", "),
            Self::Configuration(_) => "*/*".to_owned(),
        }
    }
}

impl Question<'_> {
    /// Whether a reply brings what was asked for; if not, the message names the host that refused it.
    pub(super) fn check_status(&self, reply: &Reply, asked: Asked<'_>) -> Result<(), Unresolved> {
        let (host, repository) = (&self.host.name, self.repository);
        let who = match &reply.foreign {
            Some(other) => format!("`{host}` redirects to `{other}`, which"),
            None => format!("`{host}`"),
        };
        let refused = |reason, what: &str| Unresolved::new(reason, format!("{who} {what}"));
        match (reply.status.as_u16(), asked) {
            (200, _) => Ok(()),
            (404, Asked::Manifest(target)) if target == self.target => {
                let what = format!("has no `{}` of `{repository}`", target.as_str());
                Err(refused(Reason::NotFound, &what))
            }
            // The manifest that is asked for is there: it is the registry that is not whole.
            (404, Asked::Manifest(child)) => {
                let what = format!("has no `{}`, which an index of `{repository}` names", child.as_str());
                Err(refused(Reason::Invalid, &what))
            }
            (404, Asked::Configuration(digest)) => {
                let what = format!("has no `{digest}`, which a manifest of `{repository}` names");
                Err(refused(Reason::Invalid, &what))
            }
            // No credentials follow a redirect. What wants some at first is asked again before it comes here.
            (403, _) if reply.foreign.is_some() => Err(refused(Reason::Denied, "refuses access")
                .with_help("see whether the image exists, and whether a proxy or a firewall stands in between")),
            (403, _) => {
                let what = format!("does not give `{repository}` to these credentials");
                Err(refused(Reason::Denied, &what).with_help("see whose they are, or whether the image exists"))
            }
            (429, _) => Err(refused(Reason::RateLimited, "limits how often it is asked")
                .with_help("log in for a higher limit, or try later")),
            (status @ 500..=599, _) => Err(refused(Reason::Network, &format!("answers {status}"))),
            (status, _) => Err(refused(Reason::Invalid, &format!("answers {status}"))),
        }
    }
}
