//! What templates do with an image besides naming it, under the defaults and under each override.

use serde_json::Value;

use super::{json, statuses, with_mirrors};
use crate::pin_cases::answering;
use crate::support::{Output, Sandbox};

/// A chart whose one pod has this container, the text behind `containers:`.
fn chart(values: &str, container: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    sandbox.write("demo/values.yaml", values);
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: demo\nspec:\n  containers:\n";
    sandbox.write("demo/templates/pod.yaml", format!("{pod}{container}"));
    sandbox
}

/// Pins with a registry that has everything.
fn pin(sandbox: &Sandbox, flags: &[&str]) -> Output {
    let (_registry, mirrors) = answering(&["docker.io", "quay.io"]);
    with_mirrors(
        sandbox,
        &[&["pin", "demo", "--format", "json"], flags].concat(),
        &mirrors,
    )
}

/// The reason why the first image is left alone.
fn reason(sandbox: &Sandbox) -> String {
    let report = json(&pin(sandbox, &[]));
    assert_eq!(statuses(&report)[0], "skipped", "{report}");
    report["pins"][0]["reason"].as_str().unwrap().to_owned()
}

const IMAGE: &str = "{{ .Values.image.repository }}:{{ .Values.image.tag }}";
const VALUES: &str = "image:\n  repository: quay.io/org/app\n  tag: v1\n";

#[test]
fn a_reference_that_is_a_part_of_a_longer_one_takes_no_digest() {
    for text in ["{}-debug", "{}.sig", "mirror.example.com/{}", "sha/{}"] {
        let used = text.replace("{}", IMAGE);
        let sandbox = chart(
            VALUES,
            &format!("    - image: \"{IMAGE}\"\n      env: [{{name: A, value: \"{used}\"}}]\n"),
        );
        assert_eq!(
            reason(&sandbox),
            "it is also used for `value` (`demo/templates/pod.yaml:8`), which is no image"
        );
    }
    for text in ["{}", "--image={}", "docker://{}", "a {}, b"] {
        let used = text.replace("{}", IMAGE);
        let sandbox = chart(
            VALUES,
            &format!("    - image: \"{IMAGE}\"\n      env: [{{name: A, value: \"{used}\"}}]\n"),
        );
        assert_eq!(statuses(&json(&pin(&sandbox, &[]))), ["pinned"], "{text}");
    }
}

#[test]
fn what_an_override_makes_of_an_image_counts_where_the_digest_reaches_it() {
    let values = "image:\n  repository: quay.io/org/app\n  tag: \"\"\n  digest: \"\"\nglobal:\n  tag: v1\n  registry: \"\"\nflavor: \"\"\n";
    let image = "{{ .Values.global.registry }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Values.global.tag }}{{ .Values.flavor }}\
                 {{ with .Values.image.digest }}@{{ . }}{{ end }}";
    for (changed, made) in [("global: {tag: v9}", "app:v9"), ("flavor: -fips", "app:v1-fips")] {
        let sandbox = chart(values, &format!("    - image: \"{image}\"\n"));
        sandbox.write("demo/values-prod.yaml", format!("{changed}\n"));
        let said =
            format!("with `demo/values-prod.yaml`, it also makes another image, `quay.io/org/{made}`, for `image`");
        let found = reason(&sandbox);
        assert!(found.starts_with(&said), "{found}");
    }
    // What an override says of the image itself is pinned there, and what it says of others is nothing to this one.
    for changed in ["image: {tag: v9}", "other: {tag: v9}", "global: {other: v9}"] {
        let sandbox = chart(values, &format!("    - image: \"{image}\"\n"));
        sandbox.write("demo/values-prod.yaml", format!("{changed}\n"));
        let report = json(&pin(&sandbox, &[]));
        let of_defaults = report["pins"]
            .as_array()
            .unwrap()
            .iter()
            .find(|pin| pin["file"] == "demo/values.yaml");
        assert_eq!(of_defaults.unwrap()["status"], "pinned", "{changed}: {report}");
    }
}

#[test]
fn a_digest_holds_for_the_same_image_of_a_mirror() {
    let values = "global:\n  registry: quay.io\nimage:\n  repository: org/app\n  tag: v1\n  digest: \"\"\n";
    let image = "{{ .Values.global.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}";
    let sandbox = chart(values, &format!("    - image: \"{image}\"\n"));
    sandbox.write("demo/values-prod.yaml", "global:\n  registry: mirror.example.com\n");
    let report = json(&pin(&sandbox, &[]));
    let pinned = report["pins"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|pin| pin["status"] == "pinned");
    let paths: Vec<&str> = pinned.map(|pin| pin["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["image"], "{report}");
}

#[test]
fn containers_that_are_written_out_whole_are_pinned_and_go_back() {
    let values = "sidecars:\n  - name: proxy\n    image: docker.io/envoyproxy/envoy:v1.31.0\n";
    let sandbox = chart(values, "    {{- toYaml .Values.sidecars | nindent 4 }}\n");
    assert_eq!(statuses(&json(&pin(&sandbox, &["--write"]))), ["pinned"]);
    assert!(sandbox.read("demo/values.yaml").contains("envoy:v1.31.0@sha256:"));
    assert_eq!(sandbox.run(&["unpin", "demo", "--write"]).code, 0);
    assert_eq!(sandbox.read("demo/values.yaml"), values);
}

#[test]
fn a_digest_in_the_place_of_a_tag_goes_back_and_is_asked_for_again() {
    let values = "web:\n  image:\n    repository: jetstack/webhook\n    tag: v1.16.1\n    digest: \"\"\n";
    let image = "{{ .Values.web.image.registry | default \"quay.io\" }}/{{ .Values.web.image.repository }}\
                 {{ if .Values.web.image.digest }}@{{ .Values.web.image.digest }}{{ else }}:{{ .Values.web.image.tag }}{{ end }}";
    let sandbox = chart(values, &format!("    - image: {image}\n"));
    assert_eq!(statuses(&json(&pin(&sandbox, &["--write"]))), ["pinned"]);
    let pinned = sandbox.read("demo/values.yaml");
    let report = json(&pin(&sandbox, &["--update"]));
    assert_eq!((&report["requests"], statuses(&report)), (&1.into(), vec!["already"]));
    let digest = pinned.find("sha256:").unwrap();
    let other = format!(
        "{}sha256:{}{}",
        &pinned[..digest],
        "0".repeat(64),
        &pinned[digest + 71..]
    );
    sandbox.write("demo/values.yaml", other);
    assert_eq!(statuses(&json(&pin(&sandbox, &["--update", "--write"]))), ["pinned"]);
    assert_eq!(sandbox.read("demo/values.yaml"), pinned);
    assert_eq!(sandbox.run(&["unpin", "demo", "--write"]).code, 0);
    assert_eq!(sandbox.read("demo/values.yaml"), values);
}

/// A chart with these values over a subchart, whose template prints `image`.
fn parent(values: &str, image: &str) -> Sandbox {
    let sandbox = chart(values, "    []\n");
    sandbox.write(
        "demo/charts/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    );
    let own = "image:\n  repository: quay.io/org/web\n  tag: v1\n";
    let digest = if image.contains("digest") {
        "  digest: \"\"\n"
    } else {
        ""
    };
    sandbox.write("demo/charts/web/values.yaml", format!("{own}{digest}"));
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n";
    sandbox.write(
        "demo/charts/web/templates/pod.yaml",
        format!("{pod}    - image: {image}\n"),
    );
    sandbox
}

const BY_KEY: &str = "{{ with .Values.image.digest }}@{{ . }}{{ end }}";

#[test]
fn the_tag_that_a_parent_gives_a_subchart_is_pinned_beside_it_and_goes_back() {
    let values = "web:\n  image:\n    tag: v2\n";
    let sandbox = parent(values, &format!("{IMAGE}{BY_KEY}"));
    pin(&sandbox, &["--write"]);
    let pinned = sandbox.read("demo/values.yaml");
    assert!(pinned.starts_with(&format!("{values}    digest: sha256:")), "{pinned}");
    let report = json(&pin(&sandbox, &["--update"]));
    assert_eq!(
        (&report["requests"], statuses(&report)),
        (&2.into(), vec!["already", "already"])
    );
    assert_eq!(sandbox.run(&["unpin", "demo", "--write"]).code, 0);
    assert_eq!(sandbox.read("demo/values.yaml"), format!("{values}    digest:\n"));
}

#[test]
fn a_subchart_is_left_alone_where_its_digest_would_reach_another_image_of_the_parent() {
    let values_of_sub = "demo/charts/web/values.yaml";
    let fork = "web:\n  image:\n    repository: quay.io/org/fork\n";
    let sandbox = parent(fork, IMAGE);
    let before = sandbox.read(values_of_sub);
    let report = json(&pin(&sandbox, &["--write"]));
    let of_sub = report["pins"]
        .as_array()
        .unwrap()
        .iter()
        .find(|pin| pin["file"] == values_of_sub)
        .unwrap();
    let said = "`demo/values.yaml` makes another image of it, `quay.io/org/fork:v1`, which the digest would reach, too";
    assert_eq!(
        (&of_sub["status"], &of_sub["reason"]),
        (&"skipped".into(), &said.into())
    );
    assert_eq!(of_sub["digest"], Value::Null);
    assert_eq!(sandbox.read(values_of_sub), before);
    // The same image of a mirror, and another that the parent names whole, are none of these.
    let mirror = "web: {image: {repository: mirror.example.com/org/web}}\n";
    for values in [mirror, "web: {image: {repository: quay.io/org/fork, tag: v2}}\n"] {
        let sandbox = parent(values, IMAGE);
        pin(&sandbox, &["--write"]);
        assert!(sandbox.read(values_of_sub).contains("tag: v1@sha256:"), "{values}");
    }
    // Nor is what templates do not choose.
    let sandbox = parent("web: {replicas: 2}\n", &format!("{IMAGE}{BY_KEY}"));
    let [key, tag] = ["@{{ .Values.image.digest }}", ":{{ .Values.image.tag }}"]
        .map(|end| format!("{{{{ .Values.image.repository }}}}{end}"));
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: a\n";
    let chosen = format!(
        "{{{{- if .Values.image.digest }}}}\n      image: {key}\n{{{{- else }}}}\n      image: {tag}\n{{{{- end }}}}\n"
    );
    sandbox.write("demo/charts/web/templates/pod.yaml", format!("{pod}{chosen}"));
    pin(&sandbox, &["--write"]);
    assert!(
        sandbox.read(values_of_sub).contains("digest: \"sha256:"),
        "{}",
        sandbox.read(values_of_sub)
    );
    // Nor is one that gets a digest of its own in the same run.
    let sandbox = parent(fork, &format!("{IMAGE}{BY_KEY}"));
    pin(&sandbox, &["--write"]);
    for file in ["demo/values.yaml", values_of_sub] {
        assert!(sandbox.read(file).contains("sha256:"), "{file}");
    }
}

#[test]
fn a_number_that_helm_prints_otherwise_is_left_alone_with_that_reason() {
    let said = "Helm reads its tag as a number and prints another one: `chartpin lint --fix` puts quotes around it";
    let values = "image:\n  repository: quay.io/org/app\n  tag: 1.40\n";
    let by_key = format!("{IMAGE}{BY_KEY}");
    for (values, image) in [
        (values, IMAGE),
        (values, &by_key),
        (&format!("{values}  digest: \"\"\n"), &by_key),
    ] {
        let sandbox = chart(values, &format!("    - image: \"{image}\"\n"));
        assert_eq!(reason(&sandbox), said, "{values}{image}");
    }
}
