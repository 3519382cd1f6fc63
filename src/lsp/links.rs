//! From image names to the pages that registries have for people.

use gen_lsp_types::{DocumentLink, Uri};

use super::view::View;
use crate::reference::Reference;
use crate::site::{ImageSite, State};

/// The links of a document: each image whose registry has pages, at the part that carries its name.
pub(super) fn links(view: &View<'_>) -> Vec<DocumentLink> {
    let link = |site: &ImageSite| {
        let part = Some(site.primary()).filter(|part| !part.inherited && !part.is_blank())?;
        let target = page(site)?;
        Some(DocumentLink {
            range: view.range(part.at),
            tooltip: Some(target.clone()),
            target: Some(Uri(target)),
            data: None,
        })
    };
    view.file.sites.iter().filter_map(link).collect()
}

/// The page of the image that a site names, where that is known and has one.
pub(super) fn page(site: &ImageSite) -> Option<String> {
    let is_known = matches!(site.state, State::Literal | State::Fragment) && !site.is_unknown();
    page_of(site.reference().filter(|_| is_known)?)
}

fn page_of(reference: &Reference) -> Option<String> {
    let name = reference.normalized_name();
    let (registry, repository) = name.split_once('/')?;
    let parts: Vec<&str> = repository.split('/').collect();
    Some(match (registry, parts.as_slice()) {
        ("docker.io", ["library", image]) => format!("https://hub.docker.com/_/{image}"),
        ("docker.io", [_, _]) => format!("https://hub.docker.com/r/{repository}"),
        ("quay.io", [_, _, ..]) => format!("https://quay.io/repository/{repository}"),
        ("public.ecr.aws", [_, _, ..]) => format!("https://gallery.ecr.aws/{repository}"),
        ("mcr.microsoft.com", _) => format!("https://mcr.microsoft.com/artifact/mar/{repository}/about"),
        ("nvcr.io", [org, image]) => format!("https://catalog.ngc.nvidia.com/orgs/{org}/containers/{image}"),
        ("nvcr.io", [org, team, image]) => {
            format!("https://catalog.ngc.nvidia.com/orgs/{org}/teams/{team}/containers/{image}")
        }
        // These answer a browser with the way to their pages.
        ("ghcr.io" | "gcr.io", [_, _, ..]) => format!("https://{name}"),
        (registry, [_, _, ..]) if registry.ends_with("-docker.pkg.dev") => format!("https://{name}"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_with_pages_have_links_and_others_none() {
        let page = |text: &str| page_of(&Reference::parse(text).unwrap());
        let is = |text: &str, expected: &str| assert_eq!(page(text).as_deref(), Some(expected));
        is("nginx:1", "https://hub.docker.com/_/nginx");
        is("docker.io/org/app", "https://hub.docker.com/r/org/app");
        is("quay.io/org/app:1", "https://quay.io/repository/org/app");
        is(
            "ghcr.io/org/app/part@sha256:aa".split('@').next().unwrap(),
            "https://ghcr.io/org/app/part",
        );
        is(
            "nvcr.io/nvidia/k8s/dcgm:1",
            "https://catalog.ngc.nvidia.com/orgs/nvidia/teams/k8s/containers/dcgm",
        );
        for none in [
            "registry.example.org/org/app:1",
            "localhost:5000/app",
            "registry.k8s.io/pause:3",
        ] {
            assert_eq!(page(none), None, "{none}");
        }
    }
}
