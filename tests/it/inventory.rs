//! The lists of `chartpin images`: what is in them, what is not, and that this is said. `tests/inventory` shows them to their real readers.

use crate::support::Sandbox;

const DIGEST: &str = "sha256:a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3";

/// A chart with an image of every state.
fn chart() -> Sandbox {
    let sandbox = Sandbox::new();
    let chart = "apiVersion: v2\nname: demo\nversion: 0.1.0\nappVersion: \"2.0\"\ndependencies:\n  - name: sub\n    version: 1.0.0\n    repository: https://charts.example.com\n";
    sandbox.write("Chart.yaml", chart);
    let values = format!(
        "a: {{image: \"nginx:latest\"}}\nagain: {{image: \"docker.io/library/nginx:latest\"}}\nb: {{image: \"quay.io/demo/b:1@{DIGEST}\"}}\n\
         c: {{image: {{repository: quay.io/demo/c, tag: \"\"}}}}\nd: {{image: \"{{{{ .x }}}}/d:1\"}}\ne: {{image: \"quay.io/demo/E:1\"}}\n\
         sub: {{image: {{repository: demo/sub, tag: v1}}}}\nimages: {{tags: {{t: \"quay.io/demo/t:1\"}}}}\nglobal: {{imageRegistry: \"\"}}\n"
    );
    sandbox.write("values.yaml", values);
    sandbox.write("values/off.yaml", "images: {tags: {t: null}}\n");
    sandbox
}

#[test]
fn a_list_holds_each_image_that_can_be_pulled_once() {
    let out = chart().run(&["images", "--format", "list"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    let expected =
        format!("docker.io/library/nginx:latest\nquay.io/demo/b@{DIGEST}\nquay.io/demo/c:2.0\nquay.io/demo/t:1\n");
    assert_eq!(out.stdout, expected);
}

#[test]
fn what_is_not_in_a_list_is_counted_with_its_reason() {
    let out = chart().run(&["images", "--format", "cyclonedx"]);
    let expected = "1 image left out: a placeholder stands in the image\n\
                    1 image left out: the defaults of the subchart may name another registry\n\
                    1 image left out: it is no image reference, and `chartpin lint` says why\n\
                    1 image left out: the override deletes the image with null\n";
    assert_eq!(out.stderr, expected);
    let bom: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(bom["metadata"]["properties"][0]["value"], "4");
    let places = bom["components"][0]["evidence"]["occurrences"].as_array().unwrap();
    assert_eq!(places.len(), 2, "{places:?}");
}

#[test]
fn images_of_a_file_that_is_no_yaml_are_never_just_missing() {
    let sandbox = chart();
    sandbox.write("values.yaml", "image: quay.io/demo/a:1\n  x: [\n");
    // A finding may be turned off; that images are missing is said all the same.
    sandbox.write(".chartpin.yaml", "rules: {invalid-yaml: off}\n");
    for format in [
        "table",
        "json",
        "csv",
        "cyclonedx",
        "skopeo",
        "oc-mirror",
        "list",
        "html",
    ] {
        let out = sandbox.run(&["images", "--format", format]);
        assert_eq!(out.code, 3, "{format}: {}", out.stderr);
        let said = out.stderr.lines().next().unwrap();
        assert!(
            said.starts_with("chartpin: `values.yaml:2:") && said.ends_with("its images are not looked at"),
            "{format}: {said}"
        );
    }
}

#[test]
fn every_other_format_refuses_to_show_uses() {
    for format in ["csv", "cyclonedx", "skopeo", "oc-mirror", "list"] {
        let out = chart().run(&["images", "--used-by", "--format", format]);
        assert_eq!((out.code, out.stdout.as_str()), (2, ""), "{format}");
        assert!(out.stderr.contains("--format table"), "{}", out.stderr);
    }
}

#[test]
fn what_a_reader_of_yaml_would_take_for_something_else_is_quoted() {
    let sandbox = Sandbox::new();
    sandbox.write("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    let tags = [
        "yes",
        "ON",
        "null",
        "y",
        "1_0",
        "0x1f",
        "1e3",
        "2025-01-01",
        "0o17",
        "v1",
        "yes-1",
        "_1",
    ];
    let values: String = tags
        .iter()
        .enumerate()
        .map(|(index, tag)| format!("i{index}: {{image: \"1.5:80/no/off:{tag}\"}}\n"))
        .collect();
    sandbox.write("values.yaml", values + "z: {image: \"[::1]:5000/on:1\"}\n");
    let out = sandbox.run(&["images", "--format", "skopeo"]).stdout;
    let expected = "'1.5:80':\n  images:\n    no/off:\n    - '0o17'\n    - '0x1f'\n    - '1_0'\n    - '1e3'\n    - '2025-01-01'\n    - 'ON'\n    - '_1'\n    - 'null'\n    \
                    - v1\n    - 'y'\n    - 'yes'\n    - yes-1\n'[::1]:5000':\n  images:\n    'on':\n    - '1'\n";
    assert_eq!(out, expected);
    let out = sandbox.run(&["images", "--format", "oc-mirror"]).stdout;
    assert!(
        out.contains("\n  - name: '1.5:80/no/off:yes'\n") && out.ends_with("\n  - name: '[::1]:5000/on:1'\n"),
        "{out}"
    );
}

#[test]
fn a_list_without_images_is_still_what_its_reader_takes() {
    let sandbox = Sandbox::new();
    sandbox.write("values.yaml", "replicas: 1\n");
    assert_eq!(sandbox.run(&["images", "--format", "skopeo"]).stdout, "{}\n");
    let out = sandbox.run(&["images", "--format", "oc-mirror"]).stdout;
    assert!(out.ends_with("mirror:\n  additionalImages: []\n"), "{out}");
}

#[test]
fn a_line_break_in_a_name_breaks_no_row() {
    let sandbox = Sandbox::new();
    sandbox.write("a\nb/Chart.yaml", "apiVersion: v2\nname: \"de\\nmo\"\nversion: 0.1.0\n");
    sandbox.write(
        "a\nb/values.yaml",
        "\"k\\r\\ney\": {image: \"quay.io/demo/a:1\"}\nx: {image: quay.io/demo/b:1}\n",
    );
    let table = sandbox.run(&["images"]).stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    let row = lines[1];
    assert!(
        row.starts_with("quay.io/demo/a:1  literal  \"k\\r\\ney\".image  "),
        "{table}"
    );
    assert!(row.ends_with("a\\nb/values.yaml:1:20"), "{table}");
    let csv = sandbox.run(&["images", "--format", "csv"]).stdout;
    assert!(csv.contains("\r\n\"de\nmo\",\"a\nb/values.yaml\",1,20,"), "{csv}");
}
