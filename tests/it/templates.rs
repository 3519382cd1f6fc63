//! What templates do with images: the uses that are found, the rules that look at them, and templates that cannot be read.

use std::path::Path;

use serde_json::Value;

use crate::support::{Sandbox, command, files_below, repository, same_or_bless};

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\n";

fn charts() -> Vec<std::path::PathBuf> {
    let mut charts: Vec<_> = std::fs::read_dir(repository().join("testdata/charts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    charts.sort();
    assert!(charts.len() >= 12, "{}", charts.len());
    charts
}

/// The findings of a run over `paths`: rule, file and line, infos left out.
fn findings(sandbox: &Sandbox, args: &[&str]) -> Vec<(String, String, u64)> {
    let args: Vec<&str> = ["lint", "--format", "json"].iter().chain(args).copied().collect();
    let out = sandbox.run(&args);
    let report: Value = serde_json::from_str(&out.stdout).unwrap_or_else(|_| panic!("{}{}", out.stdout, out.stderr));
    let found = report["findings"].as_array().unwrap().iter();
    found
        .filter(|finding| finding["severity"] != "info")
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            (text("rule"), text("file"), finding["line"].as_u64().unwrap())
        })
        .collect()
}

fn chart(sandbox: &Sandbox, name: &str, values: &str, templates: &[(&str, &[u8])]) {
    sandbox.write(&format!("{name}/Chart.yaml"), CHART);
    sandbox.write(&format!("{name}/values.yaml"), values);
    for (path, text) in templates {
        sandbox.write(&format!("{name}/templates/{path}"), text);
    }
}

fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: web\n      image: {image}\n      imagePullPolicy: Always\n"
    )
}

#[test]
fn every_use_in_the_charts_is_found_as_its_golden_says() {
    for chart in charts() {
        let name = chart.file_name().unwrap().to_str().unwrap();
        let out = command(chart.parent().unwrap())
            .args(["images", "--used-by", "--no-config", name])
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let golden = Path::new("testdata/uses").join(format!("{name}.txt"));
        same_or_bless(&golden, &String::from_utf8(out.stdout).unwrap());
    }
}

#[test]
fn the_templates_of_the_charts_are_followed_to_the_last_action() {
    let out = command(&repository().join("testdata"))
        .args(["images", "--used-by", "--format", "json", "--no-config", "charts"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["unknown"], 0, "{}", report["unfollowed"]);
    assert!(report["actions"].as_u64().unwrap() > 300, "{}", report["actions"]);
    for image in report["images"].as_array().unwrap() {
        assert!(!image["used_by"].as_array().unwrap().is_empty(), "{image}");
    }
}

#[test]
fn the_broken_charts_have_one_missing_key_each_and_nothing_else() {
    let sandbox = Sandbox::new();
    for folder in ["charts/toolkit", "broken-charts"] {
        let root = repository().join("testdata");
        for file in files_below(&root.join(folder)) {
            let below = file.strip_prefix(&root).unwrap().to_str().unwrap();
            sandbox.write(below, std::fs::read(&file).unwrap());
        }
    }
    let found = findings(&sandbox, &["broken-charts"]);
    let expected = [("key-never-there", 26), ("toggle-without-key", 32)];
    let expected: Vec<_> = expected
        .iter()
        .map(|(chart, line)| {
            let file = format!("broken-charts/{chart}/values.yaml");
            ("missing-image-key".to_owned(), file, *line)
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_key_that_is_computed_may_be_any_and_is_counted() {
    let sandbox = Sandbox::new();
    let values = "images:\n  tags:\n    one_db_sync: quay.io/demo/app:1.0\n    two_db_sync: quay.io/demo/app:2.0\n  \
                  pull_policy: Always\nname: one\nother:\n  image: quay.io/demo/other:1.0\n";
    let template = pod("{{ index .Values.images.tags (printf \"%s_db_sync\" .Values.name) }}");
    chart(&sandbox, "demo", values, &[("pod.yaml", template.as_bytes())]);
    let found = findings(&sandbox, &["--only", "unused-image-key", "demo"]);
    assert_eq!(
        found,
        [("unused-image-key".to_owned(), "demo/values.yaml".to_owned(), 8)]
    );
    let out = sandbox.run(&["images", "--used-by", "--format", "json", "demo"]);
    let report: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(report["unknown"], 1);
    assert_eq!(report["unfollowed"][0], "demo/templates/pod.yaml:6");
}

#[test]
fn where_something_cannot_be_followed_nothing_is_called_unused() {
    let sandbox = Sandbox::new();
    let values = "image: quay.io/demo/app:1.0\nother:\n  image: quay.io/demo/other:1.0\n";
    let used = pod("{{ .Values.image }}");
    let cases: [(&str, &[u8]); 4] = [
        ("helper.yaml", b"{{ include \"nobody.defines.this\" . }}"),
        ("dynamic.yaml", b"{{ include .Values.which . }}"),
        ("file.yaml", b"{{ tpl (.Files.Get \"x.yaml\") . }}"),
        ("unclosed.yaml", b"{{ if .Values.x }}"),
    ];
    for (name, text) in cases {
        chart(&sandbox, name, values, &[("pod.yaml", used.as_bytes()), (name, text)]);
        assert_eq!(findings(&sandbox, &["--only", "unused-image-key", name]), [], "{name}");
    }
}

#[test]
fn what_a_container_takes_for_its_image_is_one_whatever_its_key_is_called() {
    let sandbox = Sandbox::new();
    let values = "image: nginx\nsidecar: busybox:1.36\nport: 8080\nname: web\noff:\n  with: alpine\nrules: nginx\nfile: /etc/nginx\n";
    let container =
        |name: &str, image: &str| format!("    - name: {name}\n      image: {image}\n      imagePullPolicy: Always\n");
    let template = pod("\"{{ .Values.image }}\"")
        + &container("sidecar", "{{ .Values.sidecar | quote }}")
        + "{{- if .Values.off.on }}\n"
        + &container("off", "{{ .Values.off.with }}")
        + "{{- end }}\n"
        + &container("port", "{{ .Values.port }}")
        + &container("file", "{{ .Values.file }}")
        + &container("made", "quay.io/org/{{ .Values.name }}:1");
    chart(&sandbox, "demo", values, &[("pod.yaml", template.as_bytes())]);
    sandbox.write("demo/values-prod.yaml", "sidecar: quay.io/org/box:2\nport: 80\n");
    let out = sandbox.run(&["images", "demo"]);
    let rows: Vec<Vec<&str>> = out
        .stdout
        .lines()
        .skip(1)
        .map(|row| row.split_whitespace().collect())
        .collect();
    let expected = [
        ["quay.io/org/box:2", "literal", "sidecar", "demo/values-prod.yaml:1:10"],
        ["nginx", "literal", "image", "demo/values.yaml:1:8"],
        ["busybox:1.36", "literal", "sidecar", "demo/values.yaml:2:10"],
        ["alpine", "literal", "off.with", "demo/values.yaml:6:9"],
    ];
    assert_eq!(rows, expected, "{}", out.stdout);
    let of = |line: u64, rule: &str| (rule.to_owned(), "demo/values.yaml".to_owned(), line);
    let found = findings(
        &sandbox,
        &["--only", "latest-tag", "--only", "unqualified-image", "demo"],
    );
    let expected = [
        of(1, "latest-tag"),
        of(1, "unqualified-image"),
        of(2, "unqualified-image"),
        of(6, "latest-tag"),
        of(6, "unqualified-image"),
    ];
    assert_eq!(found, expected);
    // Without the templates, the words could be anything.
    std::fs::remove_dir_all(sandbox.path().join("demo/templates")).unwrap();
    assert_eq!(findings(&sandbox, &["demo/values.yaml"]), []);
}

#[test]
fn templates_that_helm_refuses_are_one_finding_each_and_the_rest_is_read() {
    let sandbox = Sandbox::new();
    let huge = format!("# {}\n", "x".repeat(10 * 1024 * 1024));
    let good = pod("{{ .Values.image }}");
    let cases: [(&str, &[u8]); 7] = [
        ("a-unclosed.yaml", b"a: 1\nb: {{ .Values.image\n"),
        (
            "b-function.yaml",
            b"{{ if .Values.never }}\nb: {{ nosuchfunction .Values.image }}\n{{ end }}\n",
        ),
        ("c-variable.yaml", b"b: {{ $nowhere }}\n"),
        ("d-end.yaml", b"{{ range .Values.list }}\n- a\n"),
        ("e-binary.png", b"\x89PNG\r\n\x1a\n\x00\xff\xfe"),
        ("f-huge.yaml", huge.as_bytes()),
        (
            "g-endless.yaml",
            b"{{ define \"loop\" }}{{ include \"loop\" . }}{{ end }}a: {{ include \"loop\" . }}\n",
        ),
    ];
    let mut files: Vec<(&str, &[u8])> = cases.to_vec();
    files.push(("pod.yaml", good.as_bytes()));
    let shell = pod("docker.io/library/busybox:latest");
    files.push(("shell.yaml", shell.as_bytes()));
    chart(&sandbox, "demo", "image: quay.io/demo/app:1.0\n", &files);
    let found = findings(&sandbox, &["demo"]);
    for (name, _) in cases {
        let file = format!("demo/templates/{name}");
        let of_file: Vec<_> = found.iter().filter(|finding| finding.1 == file).collect();
        assert_eq!(of_file.len(), 1, "{name}: {of_file:?}");
        assert_eq!(of_file[0].0, "invalid-template", "{name}");
    }
    let rest: Vec<&str> = found
        .iter()
        .filter(|finding| finding.0 != "invalid-template")
        .map(|finding| finding.0.as_str())
        .collect();
    assert_eq!(rest, ["hardcoded-image", "latest-tag"], "{found:?}");
}

#[test]
fn comments_in_templates_ignore_findings() {
    let sandbox = Sandbox::new();
    let with = |first: &str, line: &str| {
        format!("{first}kind: Pod\nspec:\n  containers:\n    - name: a\n      imagePullPolicy: Always\n{line}")
    };
    let image = "      image: docker.io/library/busybox:1.36.1";
    let cases = [
        ("none", with("", &format!("{image}\n")), 1),
        (
            "trailing",
            with("", &format!("{image} # chartpin: ignore[hardcoded-image] a test\n")),
            0,
        ),
        (
            "above",
            with(
                "",
                &format!("      # chartpin: ignore[hardcoded-image] a test\n{image}\n"),
            ),
            0,
        ),
        (
            "action",
            with(
                "",
                &format!("      {{{{- /* chartpin: ignore[hardcoded-image] a test */}}}}\n{image}\n"),
            ),
            0,
        ),
        (
            "file",
            with(
                "# chartpin: ignore-file[hardcoded-image] a test\n",
                &format!("{image}\n"),
            ),
            0,
        ),
    ];
    for (name, text, expected) in cases {
        chart(&sandbox, name, "a: 1\n", &[("pod.yaml", text.as_bytes())]);
        assert_eq!(findings(&sandbox, &[name]).len(), expected, "{name}");
    }
    let idle = with(
        "",
        &format!("{image} # chartpin: ignore[latest-tag] nothing to ignore\n"),
    );
    chart(&sandbox, "idle", "a: 1\n", &[("pod.yaml", idle.as_bytes())]);
    let rules: Vec<String> = findings(&sandbox, &["idle"])
        .into_iter()
        .map(|finding| finding.0)
        .collect();
    assert_eq!(rules, ["hardcoded-image", "unused-ignore"]);
}

#[test]
fn a_helm_that_is_not_there_ends_a_proof_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    chart(
        &sandbox,
        "demo",
        "image: quay.io/demo/app:1.0\n",
        &[("pod.yaml", pod("{{ .Values.image }}").as_bytes())],
    );
    let (_registry, mirrors) = crate::pin_cases::answering(&["quay.io"]);
    let flags = ["pin", "demo", "--write", "--verify-render", "--helm", "nowhere/helm"];
    let args: Vec<&str> = flags
        .iter()
        .copied()
        .chain(mirrors.iter().map(String::as_str))
        .collect();
    let out = sandbox.run(&args);
    assert_eq!(out.code, 3, "{}", out.stderr);
    assert!(out.stderr.contains("nowhere/helm"), "{}", out.stderr);
    assert_eq!(sandbox.read("demo/values.yaml"), "image: quay.io/demo/app:1.0\n");
}
