//! What a key of a credential file covers: a registry, or some of its repositories. It must not know of credentials.

use std::fmt;

/// The name that Docker Hub's names stand for here.
const HUB: &str = "docker.io";

/// The names that Docker Hub goes by.
const HUB_NAMES: [&str; 3] = [HUB, "index.docker.io", "registry-1.docker.io"];

/// The names under which a credential helper may keep the credential for Docker Hub: `docker login` takes the first.
const HUB_SERVERS: [&str; 4] = ["https://index.docker.io/v1/", HUB, HUB_NAMES[1], HUB_NAMES[2]];

/// A registry, perhaps with wildcards, and the beginning of its repositories' names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    host: String,
    path: Vec<String>,
}

/// How closely a scope fits: the longest path first, then a host without wildcards, then the longest host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fit {
    parts: usize,
    is_exact: bool,
    host: usize,
}

impl Scope {
    /// Reads a key, which may be a URL, and may end with the version of the registry's interface.
    pub(super) fn new(key: &str) -> Self {
        let key = key.trim();
        let bare = strip_scheme(key);
        let mut parts = bare.unwrap_or(key).split('/').filter(|part| !part.is_empty());
        let host = parts.next().unwrap_or_default();
        let mut path: Vec<String> = parts.map(str::to_owned).collect();
        // A repository may well be named `v2`; behind a bare host, in a URL or before a slash it is the interface.
        let may_be_version = path.len() == 1 || bare.is_some() || key.ends_with('/');
        if may_be_version && path.last().is_some_and(|part| part == "v1" || part == "v2") {
            path.pop();
        }
        // What stands before an `@` may be a password, and errors show the host.
        let host = host.rsplit('@').next().unwrap_or_default();
        Self {
            host: plain_host(host),
            path,
        }
    }

    /// How closely the scope fits `wanted`, if it covers it at all.
    pub(super) fn fit(&self, wanted: &Wanted<'_>) -> Option<Fit> {
        let is_exact = !self.host.is_empty() && self.host == wanted.host;
        let covers_path = self.path.len() <= wanted.path.len()
            && self.path.iter().zip(&wanted.path).all(|(part, wanted)| part == wanted);
        let covers = covers_path && (is_exact || wanted.names().any(|name| host_fits(&self.host, name)));
        covers.then_some(Fit {
            parts: self.path.len(),
            is_exact,
            host: self.host.len(),
        })
    }

    /// Whether the scope covers `wanted` without the help of wildcards.
    pub(super) fn covers_exactly(&self, wanted: &Wanted<'_>) -> bool {
        self.fit(wanted).is_some_and(|fit| fit.is_exact)
    }

    /// The names to ask a credential helper for, when this scope led to it.
    pub(super) fn servers(&self, wanted: &Wanted<'_>) -> Vec<String> {
        let own = (!self.path.is_empty() && !self.host.contains('*')).then(|| self.to_string());
        own.into_iter().chain(wanted.servers()).collect()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host.escape_debug())?;
        self.path
            .iter()
            .try_for_each(|part| write!(f, "/{}", part.escape_debug()))
    }
}

/// A repository for which a credential is wanted.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    host: String,
    path: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(registry: &str, repository: &'a str) -> Self {
        Self {
            host: plain_host(registry),
            path: repository.split('/').filter(|part| !part.is_empty()).collect(),
        }
    }

    /// The names to ask a credential helper for, in order.
    pub(super) fn servers(&self) -> Vec<String> {
        if self.host == HUB {
            HUB_SERVERS.map(str::to_owned).to_vec()
        } else {
            vec![self.host.clone()]
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let others: &[&str] = if self.host == HUB { &HUB_NAMES[1..] } else { &[] };
        std::iter::once(self.host.as_str()).chain(others.iter().copied())
    }
}

/// What follows the scheme of a URL, or nothing where there is no scheme.
fn strip_scheme(key: &str) -> Option<&str> {
    let (scheme, rest) = key.split_once("://")?;
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")).then_some(rest)
}

/// The host in lower case, and one name for Docker Hub.
fn plain_host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    if HUB_NAMES.contains(&host.as_str()) {
        HUB.to_owned()
    } else {
        host
    }
}

/// Whether the host `name` fits `pattern`, in which `*` stays within one part between dots; ports have no wildcards.
fn host_fits(pattern: &str, name: &str) -> bool {
    let (pattern, pattern_port) = split_port(pattern);
    let (name, name_port) = split_port(name);
    let mut parts = pattern.split('.').zip(name.split('.'));
    pattern_port == name_port
        && pattern.contains('*')
        && pattern.split('.').count() == name.split('.').count()
        && parts.all(|(pattern, part)| part_fits(pattern, part))
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (host, None),
    }
}

fn part_fits(pattern: &str, part: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == part;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = part.strip_prefix(start).and_then(|part| part.strip_suffix(end));
    inner.is_some_and(|inner| holds_in_order(inner, middle))
}

/// Whether the words between the stars of `pattern` stand in `text` one after the other.
fn holds_in_order(mut text: &str, pattern: &str) -> bool {
    pattern.split('*').all(|word| {
        let rest = text.split_once(word).map(|(_, rest)| rest);
        text = rest.unwrap_or_default();
        rest.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(key: &str, registry: &str, repository: &str) -> bool {
        Scope::new(key).fit(&Wanted::new(registry, repository)).is_some()
    }

    #[test]
    fn keys_lose_scheme_slash_and_version() {
        for key in [
            "quay.io",
            "quay.io/",
            "https://quay.io",
            "HTTP://Quay.io/",
            "https://quay.io/v1/",
            "quay.io/v2/",
            "quay.io/v2",
        ] {
            assert_eq!(Scope::new(key).to_string(), "quay.io", "{key}");
        }
        assert_eq!(
            Scope::new("https://example.com:5000/v2/").to_string(),
            "example.com:5000"
        );
        assert_eq!(Scope::new("example.com/org/v2/").to_string(), "example.com/org");
        assert_eq!(Scope::new("example.com/org/v2").to_string(), "example.com/org/v2");
        assert_eq!(Scope::new("https://me:secret@example.com").to_string(), "example.com");
    }

    #[test]
    fn paths_are_prefixes_by_whole_parts() {
        assert!(covers("quay.io/org", "quay.io", "org/app") && covers("quay.io/org/", "quay.io", "org"));
        assert!(!covers("quay.io/org", "quay.io", "organ/app"));
        assert!(!covers("quay.io/org/app", "quay.io", "org"));
        assert!(!covers("quay.io", "quay.io:443", "org"), "ports are kept");
    }

    #[test]
    fn the_closest_scope_is_the_longest_path_then_the_plain_host() {
        let wanted = Wanted::new("a.example.com", "org/app");
        let fit = |key: &str| Scope::new(key).fit(&wanted).unwrap();
        assert!(fit("a.example.com/org/app") > fit("a.example.com/org"));
        assert!(fit("a.example.com/org") > fit("a.example.com"));
        assert!(fit("*.example.com/org") > fit("a.example.com"));
        assert!(fit("a.example.com") > fit("*.example.com"));
        assert!(fit("*.example.com") > fit("*.*.com"));
    }

    #[test]
    fn docker_hub_has_three_names() {
        for key in ["docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"] {
            for registry in HUB_NAMES {
                assert!(covers(key, registry, "library/nginx"), "{key} {registry}");
            }
        }
        assert!(covers("*.docker.io", "docker.io", "library/nginx"));
        assert_eq!(Wanted::new("docker.io", "").servers()[0], "https://index.docker.io/v1/");
    }

    #[test]
    fn stars_stay_within_one_part_of_the_host() {
        assert!(covers("*.example.com", "a.example.com", "x"));
        assert!(!covers("*.example.com", "example.com", "x") && !covers("*.example.com", "a.b.example.com", "x"));
        assert!(covers("eu-*.gcr.io", "eu-west.gcr.io", "x") && !covers("eu-*.gcr.io", "us-west.gcr.io", "x"));
        assert!(covers("*-a*c.io", "x-abc.io", "x") && !covers("*-a*c.io", "x-ab.io", "x"));
        assert!(covers("*.example.com:5000", "a.example.com:5000", "x"));
        assert!(!covers("*.example.com", "a.example.com:5000", "x") && !covers("a*a.io", "a.io", "x"));
    }

    #[test]
    fn a_helper_is_asked_for_the_path_before_the_host() {
        let wanted = Wanted::new("quay.io", "org/app");
        assert_eq!(
            Scope::new("https://quay.io/org").servers(&wanted),
            ["quay.io/org", "quay.io"]
        );
        assert_eq!(Scope::new("*.io/org").servers(&wanted), ["quay.io"]);
    }

    #[test]
    fn an_empty_key_covers_nothing() {
        assert!(!covers("", "", "x") && !covers("https://", "", ""));
    }
}
