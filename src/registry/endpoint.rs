//! Where a reference is asked for: the registry's own address, and the mirrors before it.

use std::net::IpAddr;

use crate::reference::DEFAULT_REGISTRY;
use crate::resolution::{Mirror, Wanted};

/// The host that answers for Docker Hub.
const HUB_HOST: &str = "registry-1.docker.io";

/// A repository at the host that is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// `host[:port]`.
    pub host: String,
    /// The repository there.
    pub repository: String,
}

/// Where a reference is asked for, in order: the mirrors that fit, the most particular first, then the registry itself.
pub(super) fn candidates(wanted: &Wanted, mirrors: &[Mirror]) -> Vec<Endpoint> {
    let mut fitting: Vec<(&Mirror, String)> = mirrors
        .iter()
        .filter_map(|mirror| Some((mirror, mirror.repository(wanted)?)))
        .collect();
    fitting.sort_by_key(|(mirror, _)| std::cmp::Reverse(mirror.depth()));
    let mirrored = fitting.into_iter().map(|(mirror, repository)| Endpoint {
        host: mirror.host().to_owned(),
        repository,
    });
    let host = match wanted.registry.as_str() {
        DEFAULT_REGISTRY => HUB_HOST,
        registry => registry,
    };
    let own = Endpoint {
        host: host.to_owned(),
        repository: wanted.repository.clone(),
    };
    mirrored.chain([own]).collect()
}

/// Whether a host, with or without port, is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(reference: &str, mirrors: &[&str]) -> Vec<String> {
        let mirrors: Vec<Mirror> = mirrors.iter().map(|text| text.parse().unwrap()).collect();
        candidates(&Wanted::parse(reference).unwrap(), &mirrors)
            .iter()
            .map(|endpoint| format!("{}/{}", endpoint.host, endpoint.repository))
            .collect()
    }

    #[test]
    fn the_most_particular_mirror_is_asked_first_and_the_registry_last() {
        assert_eq!(
            places("nginx:1", &["docker.io=m.example/hub", "docker.io/library=n.example"]),
            [
                "n.example/nginx",
                "m.example/hub/library/nginx",
                "registry-1.docker.io/library/nginx"
            ]
        );
        assert_eq!(places("quay.io/a/b:1", &["docker.io=m.example"]), ["quay.io/a/b"]);
        assert_eq!(places("quay.io/ab/c:1", &["quay.io/a=m.example"]), ["quay.io/ab/c"]);
        assert_eq!(
            places("index.docker.io/a/b:1", &["index.docker.io=127.0.0.1:5000"]),
            ["127.0.0.1:5000/a/b", "registry-1.docker.io/a/b"]
        );
    }

    #[test]
    fn loopback_is_this_machine_alone() {
        for host in [
            "localhost",
            "localhost:5000",
            "127.0.0.1:5000",
            "127.3.2.1",
            "[::1]:5000",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example.com",
            "128.0.0.1",
            "127.0.0.1.example.com",
            "[::2]",
            "quay.io",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
