//! The page of `--format html`: the same data as the JSON reports, inert whatever a chart says, and the same for the same charts. How it
//! behaves in a browser is the business of `tests/page`.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Sandbox, command, repository};

/// What stands between two marks of a page.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    page.split_once(start).unwrap().1.split_once(end).unwrap().0
}

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "id=\"data\">", "</script>")).unwrap()
}

/// A run over the charts of `testdata`.
fn run(args: &[&str]) -> String {
    let paths = ["--no-config", "testdata/charts", "testdata/example"];
    let out = command(repository()).args(args).args(paths).output().unwrap();
    String::from_utf8(out.stdout).unwrap()
}

/// What the page calls an image.
fn name(image: &Value) -> String {
    let parts = image["name"].as_array().unwrap();
    parts.iter().map(|part| part.as_str().unwrap()).collect()
}

/// The objects of a list without some of their keys.
fn without(list: &Value, keys: &[&str]) -> Vec<Value> {
    let mut list = list.as_array().unwrap().clone();
    for item in &mut list {
        item.as_object_mut()
            .unwrap()
            .retain(|key, _| !keys.contains(&key.as_str()));
    }
    list
}

/// A chart whose every text tries to be markup.
fn hostile() -> Sandbox {
    let sandbox = Sandbox::new();
    let mark = "</script></noscript><script>alert(1)</script><!--";
    sandbox.write(
        "demo/Chart.yaml",
        format!("apiVersion: v2\nname: '{mark}'\nversion: 1.0.0\n"),
    );
    sandbox.write(
        "demo/values.yaml",
        format!(
            "'{mark}':\n  image: \"quay.io/{mark}:{mark}\" # {mark} \u{2028}\u{202e}\n  repository: '{mark}'\n  tag: '{mark}'\n\
             app:\n  image: ghcr.io/example/app:latest # {mark}\n"
        ),
    );
    sandbox
}

#[test]
fn the_page_has_the_data_of_the_json_reports() {
    let page = data(&run(&["images", "--format", "html"]));
    let images: Value = serde_json::from_str(&run(&["images", "--used-by", "--format", "json"])).unwrap();
    let lint: Value = serde_json::from_str(&run(&["lint", "--format", "json"])).unwrap();
    let mut rows = without(&page["images"], &["name", "pinning", "gap", "prefixes", "findings"]);
    let prefixes = without(&page["prefixes"], &["findings"]);
    assert!(prefixes.iter().all(|row| row["idiom"] == "registry-prefix") && prefixes.len() > 1);
    rows.extend(prefixes);
    let place = |row: &Value| {
        let numbers = ["line", "column"].map(|key| row[key].as_u64());
        (row["file"].to_string(), numbers, row["path"].to_string())
    };
    rows.sort_by_key(place);
    let mut listed = without(&images["images"], &[]);
    listed.sort_by_key(place);
    assert_eq!(rows, listed);
    let added = ["id", "chart", "label", "labels", "source"];
    assert_eq!(without(&page["findings"], &added), without(&lint["findings"], &[]));
    assert_eq!(page["summary"], lint["summary"]);
    assert!(lint["findings"].as_array().unwrap().len() > 10);
}

#[test]
fn the_page_and_the_lists_have_the_same_images() {
    let lines = |paths: &[&str]| -> usize {
        let args = [&["images", "--format", "html", "--no-config"], paths].concat();
        let out = command(repository()).args(args).output().unwrap();
        let page = data(&String::from_utf8(out.stdout).unwrap());
        let images = page["images"].as_array().unwrap();
        let whole = images.iter().filter(|image| image["pinning"] != "incomplete");
        let names: BTreeSet<String> = whole.map(name).collect();
        let args = [&["images", "--format", "cyclonedx", "--no-config"], paths].concat();
        let out = command(repository()).args(args).output().unwrap();
        let bill: Value = serde_json::from_slice(&out.stdout).unwrap();
        let components = bill["components"].as_array().unwrap();
        let listed: BTreeSet<String> = components
            .iter()
            .map(|component| component["bom-ref"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, listed, "{paths:?}");
        let left_out: usize = bill["metadata"]["properties"][0]["value"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let incomplete = images.iter().filter(|image| !image["gap"].is_null()).count();
        assert_eq!(incomplete, left_out, "{paths:?}");
        names.len()
    };
    assert!(lines(&["testdata/sites"]) > 50);
    assert!(lines(&["testdata/charts", "testdata/pins"]) > 50);
}

#[test]
fn every_spelling_of_an_image_is_one_image_and_no_subchart_is_guessed() {
    let sandbox = Sandbox::new();
    let chart = "apiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n  - name: sub\n    version: 1.0.0\n    repository: https://charts.example.com\n";
    sandbox.write("Chart.yaml", chart);
    let values = "a: {image: \"nginx:latest\"}\nb: {image: docker.io/library/nginx}\nc: {image: \"index.docker.io/library/nginx:latest\"}\n\
                  sub: {image: {repository: nginx, tag: latest}}\nwrong: {image: \"quay.io/demo/E:1\"}\nglobal: {imageRegistry: \"\"}\n";
    sandbox.write("values.yaml", values);
    let page = data(&sandbox.run(&["images", "--format", "html"]).stdout);
    let images = page["images"].as_array().unwrap();
    let shown: Vec<(String, &str, Option<&str>)> = images
        .iter()
        .map(|image| (name(image), image["pinning"].as_str().unwrap(), image["gap"].as_str()))
        .collect();
    let nginx = || ("docker.io/library/nginx:latest".to_owned(), "floating", None);
    let incomplete = |name: &str, gap| (name.to_owned(), "incomplete", Some(gap));
    let expected = [
        nginx(),
        nginx(),
        nginx(),
        incomplete("nginx:latest", "the defaults of the subchart may name another registry"),
        incomplete(
            "quay.io/demo/E:1",
            "it is no image reference, and `chartpin lint` says why",
        ),
    ];
    assert_eq!(shown, expected);
    assert_eq!(page["prefixes"][0]["path"], "global.imageRegistry");
}

#[test]
fn images_know_the_keys_that_set_their_registry() {
    let page = data(&run(&["images", "--format", "html"]));
    let file = "testdata/charts/global-registry/values.yaml";
    let images = page["images"].as_array().unwrap().iter();
    let keys = |image: &Value| -> Vec<String> {
        let numbers: Vec<usize> = serde_json::from_value(image["prefixes"].clone()).unwrap_or_default();
        let path = |number: usize| page["prefixes"][number]["path"].as_str().unwrap().to_owned();
        numbers.into_iter().map(path).collect()
    };
    let found: Vec<Vec<String>> = images.filter(|image| image["file"] == file).map(keys).collect();
    assert!(found.contains(&vec!["global.imageRegistry".to_owned()]), "{found:?}");
}

#[test]
fn lint_and_images_give_one_page_opened_on_one_of_its_views() {
    let mut images = data(&run(&["images", "--format", "html"]));
    let mut findings = data(&run(&["lint", "--format", "html"]));
    assert_eq!(images["view"].take(), "images");
    assert_eq!(findings["view"].take(), "findings");
    assert_eq!(images, findings);
}

#[test]
fn findings_stand_beside_the_images_they_speak_of() {
    let page = data(&run(&["lint", "--format", "html"]));
    let images = page["images"].as_array().unwrap();
    let rules = |reference: &str| -> Vec<&str> {
        let image = images.iter().find(|image| image["reference"] == reference).unwrap();
        let numbers: Vec<usize> = serde_json::from_value(image["findings"].clone()).unwrap();
        let rule = |number: usize| page["findings"][number]["rule"].as_str().unwrap();
        numbers.into_iter().map(rule).collect()
    };
    assert_eq!(rules("quay.io/example/backup:latest"), ["latest-tag"]);
    assert_eq!(rules("redis:7.10"), ["unqualified-image", "non-string-tag"]);
    // What is found in a template stands beside the image that the line takes.
    assert_eq!(
        rules("ghcr.io/aquasecurity/trivy:0.59.1"),
        ["missing-image-pull-policy"; 2]
    );
    assert_eq!(rules("quay.io/airshipit/heat:2025.1-ubuntu_noble"), [""; 0]);
    let marked = |rule: &str| {
        let findings = page["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["rule"] == rule).unwrap()["source"].clone()
    };
    let tag = marked("non-string-tag");
    assert_eq!((tag["line"].as_u64(), tag["marked"].as_str()), (Some(7), Some("7.10")));
    assert_eq!(tag["before"], "  image:\n    repository: redis\n    tag: ");
}

#[test]
fn images_are_pinned_tagged_floating_or_incomplete() {
    let sandbox = Sandbox::new();
    let digest = "a".repeat(64);
    sandbox.write(
        "values.yaml",
        format!(
            "a:\n  image: quay.io/example/pinned:1@sha256:{digest}\nb:\n  image: quay.io/example/tagged:1\n\
             c:\n  image: quay.io/example/branch:main\nd:\n  image: quay.io/example/latest:latest\n\
             e:\n  image:\n    repository: quay.io/example/part\n    tag: \"\"\nf:\n  image: quay.io/example/ours:weekly\n"
        ),
    );
    sandbox.write(".chartpin.yaml", "rules:\n  floating-tag:\n    patterns: [weekly]\n");
    let page = data(&sandbox.run(&["images", "--format", "html", "values.yaml"]).stdout);
    let images = page["images"].as_array().unwrap();
    let pinning: Vec<&str> = images.iter().map(|image| image["pinning"].as_str().unwrap()).collect();
    assert_eq!(
        pinning,
        ["pinned", "tag", "floating", "floating", "incomplete", "floating"]
    );
}

#[test]
fn a_digest_that_the_chart_does_not_join_pins_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("Chart.yaml", "apiVersion: v2\nname: demo\nversion: 1.0.0\n");
    let digest = format!("sha256:{}", "a".repeat(64));
    let image = |name: &str, more: &str| {
        format!(
            "{name}:\n  image:\n    repository: quay.io/example/{name}\n    tag: \"1\"\n    digest: {digest}\n{more}"
        )
    };
    let values = [
        image("joined", ""),
        image("ignored", ""),
        image("off", "    useDigest: false\n"),
    ];
    sandbox.write("values.yaml", values.concat());
    let template = |name: &str, digest: &str| {
        format!(
            "    - name: {name}\n      image: \"{{{{ .Values.{name}.image.repository }}}}:{{{{ .Values.{name}.image.tag }}}}{digest}\"\n"
        )
    };
    let pod = [
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n".to_owned(),
        template("joined", "@{{ .Values.joined.image.digest }}"),
        template("ignored", ""),
        template(
            "off",
            "{{ if .Values.off.image.useDigest }}@{{ .Values.off.image.digest }}{{ end }}",
        ),
    ];
    sandbox.write("templates/pod.yaml", pod.concat());
    let page = data(&sandbox.run(&["images", "--format", "html"]).stdout);
    let shown = |image: &Value| {
        let pinning = image["pinning"].as_str().unwrap().to_owned();
        (pinning, image["digest"].as_str().map(str::to_owned))
    };
    let shown: Vec<(String, Option<String>)> = page["images"].as_array().unwrap().iter().map(shown).collect();
    let tag = || ("tag".to_owned(), None);
    assert_eq!(shown, [("pinned".to_owned(), Some(digest)), tag(), tag()]);
}

#[test]
fn what_a_chart_says_never_becomes_markup() {
    let sandbox = hostile();
    for command in ["images", "lint"] {
        let page = sandbox.run(&[command, "--format", "html", "demo"]).stdout;
        let plain = sandbox
            .run(&[command, "--format", "html", "--exclude", "**", "demo"])
            .stdout;
        let elements = |page: &str, name: &str| page.matches(name).count();
        for name in [
            "<script",
            "</script",
            "<noscript",
            "</noscript",
            "<!--",
            "\u{202e}",
            "\u{2028}",
        ] {
            let own = elements(&plain, name);
            assert_eq!(elements(&page, name), own, "{command}: {name}");
        }
        let text = data(&page).to_string();
        assert!(text.contains("<script>alert(1)"), "the data holds it as text: {text}");
        assert!(
            page.contains("&lt;script&gt;alert(1)"),
            "and so does the page without scripts"
        );
    }
}

#[test]
fn the_page_loads_nothing_and_runs_its_own_script_alone() {
    let page = run(&["images", "--format", "html"]);
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (kind, text) in [
        ("style-src", between(&page, "<style>", "</style>")),
        ("script-src", between(&page, "</script>\n<script>", "</script>")),
    ] {
        let hash = STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("{kind} 'sha256-{hash}';")), "{kind}: {policy}");
        assert!(text.len() > 1000, "{kind}");
        for load in [
            "url(",
            "@import",
            "fetch(",
            "XMLHttpRequest",
            "WebSocket",
            "import(",
            "innerHTML",
            "eval(",
        ] {
            assert!(!text.contains(load), "{load}");
        }
    }
    assert!(!page.contains("src="));
    let links: Vec<&str> = page
        .split("<link ")
        .skip(1)
        .map(|link| link.split('>').next().unwrap())
        .collect();
    assert!(links.len() == 1 && links[0].contains("href=\"data:"), "{links:?}");
}

#[test]
fn the_same_charts_give_the_same_page() {
    let first = run(&["images", "--format", "html"]);
    for _ in 0..3 {
        assert!(run(&["images", "--format", "html"]) == first);
    }
}

#[test]
fn without_charts_there_is_a_page_all_the_same() {
    let sandbox = Sandbox::new();
    let out = sandbox.run(&["images", "--format", "html", "."]);
    let page = data(&out.stdout);
    assert_eq!((out.code, page["images"].as_array().unwrap().len()), (0, 0));
}

#[test]
fn a_list_of_images_fails_on_what_cannot_be_read_alone() {
    let sandbox = hostile();
    assert_eq!(sandbox.run(&["images", "--format", "html", "demo"]).code, 0);
    assert_eq!(sandbox.run(&["lint", "--format", "html", "demo"]).code, 1);
    sandbox.write("broken.tgz", "no archive");
    let out = sandbox.run(&["images", "--format", "html", "broken.tgz"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("`broken.tgz`"), "{}", out.stderr);
    assert_eq!(data(&out.stdout)["findings"][0]["rule"], "unreadable-file");
    assert_eq!(sandbox.run(&["images", "--format", "html", "missing"]).code, 2);
}
