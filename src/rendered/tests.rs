//! Small renders, before and after a pin.

use std::fmt::Write as _;

use super::*;

fn digest() -> String {
    format!("sha256:{}", "a".repeat(64))
}

/// Reads a text in which `DIGEST` stands for a digest.
fn read(text: &str) -> Rendered {
    Rendered::read(&text.replace("DIGEST", &digest())).unwrap()
}

fn compare(before: &str, after: &str) -> Comparison {
    read(before).compare(&read(after), &Unstable::default())
}

fn said(comparison: &Comparison) -> Vec<String> {
    comparison.differences.iter().map(ToString::to_string).collect()
}

/// What differs between two pods with this line in their container.
fn compare_lines(before: &str, after: &str) -> Comparison {
    let pod = |line: &str| {
        format!("kind: Pod\nmetadata:\n  name: p\n  labels: {{}}\nspec:\n  containers:\n  - name: c\n    {line}\n")
    };
    compare(&pod(before), &pod(after))
}

const RENDER: &str = "---
# Source: web/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  sidecar.yaml: |
    image: quay.io/org/side:2
    args: [\"--helper=quay.io/org/helper:3\"]
---
# Source: web/templates/deployment.yaml
# Source: https://example.org/upstream.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata:
      annotations:
        checksum/config: c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0
    spec:
      initContainers:
      - {name: wait, image: busybox}
      containers:
      - name: web
        image: \"quay.io/org/web:1\"
        args: [--side=quay.io/org/side:2]
---
# Source: web/templates/empty.yaml
# nothing here
---
# Source: web/templates/custom.yaml
apiVersion: example.org/v1
kind: Engine
spec:
  image: org/engine:4
  mode: {image: auto}
";

fn pinned() -> String {
    RENDER
        .replace("image: quay.io/org/side:2", "image: quay.io/org/side:2@DIGEST")
        .replace("side=quay.io/org/side:2", "side=quay.io/org/side:2@DIGEST")
        .replace("helper:3", "helper:3@DIGEST")
        .replace("c0".repeat(32).as_str(), "d1".repeat(32).as_str())
        .replace("image: busybox", "image: busybox@DIGEST")
        .replace("\"quay.io/org/web:1\"", "quay.io/org/web@DIGEST")
        .replace("engine:4", "engine:4@DIGEST")
}

#[test]
fn images_are_found_with_their_place_and_container() {
    let shown = |image: &RenderedImage| format!("{} {} {:?}", image.image, image.place, image.container.as_deref());
    let images: Vec<String> = read(RENDER).images().iter().map(shown).collect();
    let deployment = "`Deployment/web` in namespace `shop` at `spec.template.spec";
    let template = "(`web/templates/deployment.yaml`)";
    assert_eq!(
        images,
        [
            format!("busybox {deployment}.initContainers[0].image` {template} Some(\"wait\")"),
            format!("quay.io/org/web:1 {deployment}.containers[0].image` {template} Some(\"web\")"),
            "org/engine:4 `Engine` at `spec.image` (`web/templates/custom.yaml`) None".to_owned(),
        ]
    );
}

#[test]
fn an_image_volume_names_an_image_and_a_schema_does_not() {
    let text = "kind: Pod\nspec:\n  volumes: [{name: v, image: {reference: \"quay.io/a/b:1\"}}]\n---\n\
                kind: CustomResourceDefinition\nproperties: {image: {type: string}, reference: a/b:1}\n";
    let images = read(text).images();
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].place.path, "spec.volumes[0].image.reference");
}

#[test]
fn images_without_a_digest_are_listed_and_a_broken_one_is_one() {
    let text = "kind: Pod\nspec:\n  containers: [{image: \"a/b:1@DIGEST\"}, {image: a/b:1}, {image: \"a/B:\"}, {image: \"\"}]\n";
    let unpinned: Vec<String> = read(text).unpinned().into_iter().map(|image| image.image).collect();
    assert_eq!(unpinned, ["a/b:1", "a/B:"]);
}

#[test]
fn an_image_behind_an_alias_is_found_where_it_is_used() {
    let text = "kind: Pod\nx: &i quay.io/a/b:1\nspec:\n  containers: [{name: a, image: *i}]\n";
    assert_eq!(read(text).images().len(), 1);
}

#[test]
fn a_pin_that_reaches_images_arguments_and_embedded_files_is_clean() {
    let comparison = compare(RENDER, &pinned());
    assert_eq!(said(&comparison), [] as [&str; 0]);
    let images: Vec<&str> = comparison.pinned.iter().map(|pinned| pinned.before.as_str()).collect();
    assert_eq!(images, ["busybox", "quay.io/org/web:1", "org/engine:4"]);
    assert!(comparison.pinned.iter().all(|pinned| pinned.digest() == digest()));
    let elsewhere: Vec<&str> = comparison
        .pinned_elsewhere
        .iter()
        .map(|pinned| pinned.before.as_str())
        .collect();
    assert_eq!(
        elsewhere,
        ["quay.io/org/side:2", "quay.io/org/helper:3", "quay.io/org/side:2"]
    );
    assert_eq!(comparison.rehashed.len(), 1);
}

#[test]
fn a_checksum_may_change_only_with_data_in_which_references_changed() {
    let only_checksum = RENDER.replace("c0".repeat(32).as_str(), "d1".repeat(32).as_str());
    let comparison = compare(RENDER, &only_checksum);
    assert!(comparison.rehashed.is_empty());
    let said = said(&comparison);
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("`spec.template.metadata.annotations.checksum/config`"),
        "{}",
        said[0]
    );
}

#[test]
fn the_same_render_has_no_differences_in_any_order_and_any_quotes() {
    let before = "kind: A\nmetadata: {name: x}\na: 1\nb: 'text'\nc: ~\n---\nkind: B\nd: yes\n";
    let after = "---\nkind: B\nd: true\n---\nc:\nb: text\na: 1\nmetadata:\n  name: \"x\"\nkind: A\n";
    assert_eq!(compare(before, after), Comparison::default());
}

#[test]
fn what_differs_besides_is_said_in_a_line() {
    let before = "kind: A\nmetadata: {name: x}\nspec: {n: 1, list: [1, 2], gone: {a: 1}, type: '1'}\n---\nkind: B\nmetadata: {name: old}\n";
    let after =
        "kind: A\nmetadata: {name: x}\nspec: {n: 2, list: [1], new: a, type: 1}\n---\nkind: C\nmetadata: {name: new}\n";
    assert_eq!(
        said(&compare(before, after)),
        [
            "`A/x` at `spec.n` was `1` and is now `2`",
            "`A/x` at `spec.list` was `a list of 2 items` and is now `a list of 1 item`",
            "`A/x` at `spec.gone` is gone: it was `a mapping of 1 key`",
            "`A/x` at `spec.type` was `'1'` and is now `1`",
            "`A/x` at `spec.new` is new: it is `a`",
            "`B/old` is gone: it was `a document`",
            "`C/new` is new: it is `a document`",
        ]
    );
}

#[test]
fn a_difference_in_a_long_text_shows_the_line_that_differs() {
    let text = |line: &str| format!("kind: A\ndata: |\n  {}\n  one\n  {line}\n  two\n", "x".repeat(5000));
    let said = said(&compare(&text("port: 1"), &text("port: \t2")));
    assert_eq!(
        said,
        ["`A` at `data` was `…port: 1 two ` and is now `…port:  2 two `".to_owned()]
    );
    let said = self::said(&compare(
        &text(&"a".repeat(5000)),
        &text(&format!("{}é", "a".repeat(4000))),
    ));
    assert!(said[0].len() < 500, "{}", said[0]);
}

#[test]
fn the_values_of_a_secret_are_not_said() {
    let text = |password| format!("kind: Secret\nmetadata: {{name: s}}\ndata: {{p: {password}}}\n");
    let said = said(&compare(&text("hunter2"), &text("hunter3")));
    assert_eq!(said, ["`Secret/s` at `data.p` changed: it is `a secret value`"]);
}

#[test]
fn a_name_that_changed_is_a_difference_at_the_name() {
    let said = said(&compare(
        "kind: Job\nmetadata: {name: a-1}\n",
        "kind: Job\nmetadata: {name: a-2}\n",
    ));
    assert_eq!(said, ["`Job/a-1` at `metadata.name` was `a-1` and is now `a-2`"]);
}

#[test]
fn a_reference_that_changed_otherwise_is_a_difference() {
    for (before, after) in [
        ("image: a/b:1", "image: a/b:2@DIGEST"),
        ("image: a/b:1", "image: a/c:1@DIGEST"),
        ("image: a/b:1", "image: quay.io/a/b:1@DIGEST"),
        ("image: a/b", "image: a/b:1@DIGEST"),
        ("image: a/b:1", "image: a/b:1@sha256:abc"),
        ("image: a/b:1", "image: a/b:1@DIGEST-alpine"),
        ("image: a/b:1@DIGEST", "image: a/b:1"),
        ("version: \"1.25\"", "version: 1.25@DIGEST"),
        ("args: [--version=1.25]", "args: [--version=1.25@DIGEST]"),
        ("args: [\"a/b:1 c\"]", "args: [\"a/b:1@DIGEST  c\"]"),
        ("args: [a/b:1]", "args: [a/b:1@DIGEST, x]"),
        ("digest: \"\"", "digest: DIGEST"),
        ("imagePullPolicy: Always", "imagePullPolicy: IfNotPresent"),
    ] {
        let comparison = compare_lines(before, after);
        assert_eq!(comparison.differences.len(), 1, "{before} {after}");
        assert!(comparison.pinned.is_empty() && comparison.pinned_elsewhere.is_empty());
    }
}

#[test]
fn references_get_digests_in_images_environment_and_texts() {
    for (before, after, images, elsewhere) in [
        ("image: nginx", "image: nginx@DIGEST", 1, 0),
        ("image: a/b:1", "image: a/b@DIGEST", 1, 0),
        ("image: localhost:5000/a:1", "image: localhost:5000/a:1@DIGEST", 1, 0),
        (
            "env: [{name: X, value: a/b:1}]",
            "env: [{name: X, value: a/b:1@DIGEST}]",
            0,
            1,
        ),
        ("sideImage: proxy", "sideImage: proxy@DIGEST", 0, 1),
        ("args: [--i=docker://a/b:1]", "args: [--i=docker://a/b:1@DIGEST]", 0, 1),
        (
            "x: '{\"a\":\"a/b:1\",\"c\":\"a/d:1\"}'",
            "x: '{\"a\":\"a/b:1@DIGEST\",\"c\":\"a/d@DIGEST\"}'",
            0,
            2,
        ),
    ] {
        let comparison = compare_lines(before, after);
        assert_eq!(said(&comparison), [] as [&str; 0], "{before}");
        let found = (comparison.pinned.len(), comparison.pinned_elsewhere.len());
        assert_eq!(found, (images, elsewhere), "{before}");
    }
}

#[test]
fn a_digest_that_moves_is_a_pin() {
    let other = format!("image: a/b:1@sha256:{}", "b".repeat(64));
    assert!(compare_lines(&other, "image: a/b:1@DIGEST").is_clean());
}

#[test]
fn a_digest_in_a_label_is_a_difference() {
    for key in ["labels", "matchLabels", "selector", "nodeSelector"] {
        let text = |image| format!("kind: A\nspec: {{{key}: {{image: \"{image}\"}}}}\n");
        let comparison = compare(&text("a/b:1"), &text("a/b:1@DIGEST"));
        assert_eq!(comparison.differences.len(), 1, "{key}");
    }
}

#[test]
fn a_digest_in_a_label_that_is_an_alias_of_something_else_is_a_difference() {
    let text = |image| format!("kind: A\nspec: &a {{image: \"{image}\"}}\nlabels: *a\n");
    let comparison = compare(&text("a/b:1"), &text("a/b:1@DIGEST"));
    assert_eq!((comparison.pinned.len(), comparison.differences.len()), (1, 1));
}

#[test]
fn what_differs_without_a_pin_is_not_looked_at() {
    let text = |password: &str, image: &str| {
        format!("kind: Secret\nmetadata: {{name: s-{password}}}\ndata: {{p: {password}, i: \"{image}\"}}\n")
    };
    let (first, again) = (read(&text("x", "a/b:1")), read(&text("y", "a/b:1")));
    let unstable = first.unstable(&again);
    let places: Vec<&str> = unstable.places().iter().map(|place| place.path.as_str()).collect();
    assert_eq!(places, ["metadata.name", "data.p"]);
    let after = read(&text("z", "a/b:1@DIGEST"));
    let comparison = first.compare(&after, &unstable);
    assert!(comparison.is_clean(), "{:?}", said(&comparison));
    assert_eq!(comparison.pinned_elsewhere.len(), 1);
    let other = read(&text("z", "a/b:2"));
    assert_eq!(first.compare(&other, &unstable).differences.len(), 1);
}

#[test]
fn a_text_that_is_no_yaml_is_an_error_with_its_line_and_template() {
    let error = Rendered::read(
        "---\n# Source: a/templates/b.yaml\nkind: A\n---\n# Source: a/templates/c.yaml\nkind: A\nb: [\n",
    )
    .unwrap_err();
    assert_eq!((error.line, error.template.as_deref()), (7, Some("a/templates/c.yaml")));
    assert!(
        error
            .to_string()
            .starts_with("`a/templates/c.yaml` renders what cannot be read, in line 7")
    );
    let error = Rendered::read("hello\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1 of the rendered manifests cannot be read: a manifest is a mapping, and this is none"
    );
    assert!(Rendered::read("kind: A\n? [a]\n: b\n").is_err());
}

#[test]
fn nothing_rendered_is_nothing_to_compare() {
    for text in [
        "",
        "\n",
        "---\n",
        "---\n# Source: a/templates/b.yaml\n# only a comment\n---\n~\n",
    ] {
        assert!(read(text).is_empty(), "{text:?}");
    }
    assert!(compare("", "---\n").is_clean());
}

#[test]
fn aliases_in_circles_and_bombs_are_compared_once() {
    let mut bomb = "kind: A\na0: &a0 {x: 1}\n".to_owned();
    for level in 1..60 {
        let below = level - 1;
        writeln!(bomb, "a{level}: &a{level} {{x: *a{below}, y: *a{below}}}").unwrap();
    }
    assert!(compare(&bomb, &bomb).is_clean());
    assert_eq!(compare(&bomb, &bomb.replace("{x: 1}", "{x: 2}")).differences.len(), 1);
}

#[test]
fn documents_of_one_name_are_told_apart_by_their_order() {
    let text = |first: &str, second: &str| format!("kind: A\nn: {first}\n---\nkind: A\nn: {second}\n");
    let said = said(&compare(&text("1", "2"), &text("1", "3")));
    assert_eq!(said, ["`A` at `n` was `2` and is now `3`"]);
}
