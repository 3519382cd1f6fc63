//! A software bill of materials: CycloneDX 1.6 as JSON, each image a component of the type `container`.
//!
//! The same charts give the same bytes: there is no serial number, and a time only where one is given. The package URLs follow the types `oci` (an
//! image with a digest, which is what that type's version is) and `docker` (an image with a tag alone). Types of our own: the ready crates read and write
//! every version of the format, of which this is a handful of fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::super::json::pretty;
use super::super::uri::percent_encoded;
use super::super::{ImageRow, ReportError};
use super::{Pullable, registry_and_repository};
use crate::reference::{DEFAULT_REGISTRY, Reference};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    spec_version: &'static str,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
}

#[derive(Debug, Serialize)]
struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
    tools: Tools,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Debug, Serialize)]
struct Tools {
    components: [Tool; 1],
}

#[derive(Debug, Serialize)]
struct Tool {
    r#type: &'static str,
    name: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Component<'a> {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: &'a str,
    name: String,
    version: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash<'a>>,
    purl: String,
    evidence: Evidence<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Debug, Serialize)]
struct Hash<'a> {
    alg: &'static str,
    content: &'a str,
}

#[derive(Debug, Serialize)]
struct Evidence<'a> {
    occurrences: Vec<Occurrence<'a>>,
}

/// A place that names the image.
#[derive(Debug, Serialize)]
struct Occurrence<'a> {
    location: &'a str,
    line: usize,
    /// The dotted key path.
    symbol: &'a str,
}

#[derive(Debug, Serialize)]
struct Property {
    name: &'static str,
    value: String,
}

/// The bill of materials; `created` is an RFC 3339 time.
pub(super) fn render(images: &Pullable<'_>, created: Option<&str>) -> Result<String, ReportError> {
    let left_out: usize = images.left_out.values().sum();
    pretty(&Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        format: "CycloneDX",
        spec_version: "1.6",
        version: 1,
        metadata: Metadata {
            timestamp: created,
            tools: Tools {
                components: [Tool {
                    r#type: "application",
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                }],
            },
            properties: (left_out > 0)
                .then(|| Property {
                    name: "chartpin:leftOut",
                    value: left_out.to_string(),
                })
                .into_iter()
                .collect(),
        },
        components: images
            .images
            .iter()
            .map(|(name, (reference, rows))| component(name, reference, rows))
            .collect(),
    })
}

fn component<'a>(name: &'a str, reference: &'a Reference, rows: &[&'a ImageRow]) -> Component<'a> {
    let charts: BTreeSet<&str> = rows.iter().filter_map(|row| row.chart.as_deref()).collect();
    let places: BTreeMap<(&str, usize, &str), Occurrence<'a>> = rows
        .iter()
        .map(|row| {
            let occurrence = Occurrence {
                location: &row.file,
                line: row.line,
                symbol: &row.path,
            };
            ((row.file.as_str(), row.line, row.path.as_str()), occurrence)
        })
        .collect();
    Component {
        r#type: "container",
        bom_ref: name,
        name: reference.normalized_name(),
        version: reference.tag().or(reference.digest()).unwrap_or_default(),
        hashes: reference.digest().and_then(hash).into_iter().collect(),
        purl: purl(reference),
        evidence: Evidence {
            occurrences: places.into_values().collect(),
        },
        properties: charts
            .into_iter()
            .map(|chart| Property {
                name: "chartpin:chart",
                value: chart.to_owned(),
            })
            .collect(),
    }
}

/// The digest as a hash; the algorithms are those that the image specification registers.
fn hash(digest: &str) -> Option<Hash<'_>> {
    let (algorithm, content) = digest.split_once(':')?;
    let alg = match algorithm {
        "sha256" => "SHA-256",
        "sha512" => "SHA-512",
        _ => return None,
    };
    Some(Hash { alg, content })
}

/// The package URL of an image. Source: the definitions of the types `oci` and `docker` in the package URL specification.
fn purl(reference: &Reference) -> String {
    let (registry, repository) = registry_and_repository(reference);
    let Some(digest) = reference.digest() else {
        let tag = encoded(reference.tag().unwrap_or_default());
        let elsewhere = (registry != DEFAULT_REGISTRY).then(|| format!("?repository_url={}", encoded(registry)));
        return format!("pkg:docker/{repository}@{tag}{}", elsewhere.unwrap_or_default());
    };
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let mut purl = format!(
        "pkg:oci/{name}@{digest}?repository_url={}",
        encoded(&reference.normalized_name())
    );
    if let Some(tag) = reference.tag() {
        // Writing to a string cannot fail.
        let _ = write!(purl, "&tag={}", encoded(tag));
    }
    purl
}

/// A part of a package URL: what neither its grammar nor the specification leaves as it is, as `%` and two digits.
fn encoded(text: &str) -> String {
    percent_encoded(text, b":/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_name_the_image_as_the_specification_does() {
        let digest = format!("sha256:{}", "a1".repeat(32));
        let cases = [
            (
                "docker.io/library/nginx:1.27",
                "pkg:docker/library/nginx@1.27".to_owned(),
            ),
            (
                "[::1]:5000/org/web:1.2",
                "pkg:docker/org/web@1.2?repository_url=%5B::1%5D:5000".to_owned(),
            ),
            (
                &format!("quay.io/org/web:1.2@{digest}"),
                format!("pkg:oci/web@{digest}?repository_url=quay.io/org/web&tag=1.2"),
            ),
            (
                &format!("quay.io/web@{digest}"),
                format!("pkg:oci/web@{digest}?repository_url=quay.io/web"),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(purl(&Reference::parse(text).unwrap()), expected, "{text}");
        }
    }
}
