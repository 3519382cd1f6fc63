//! Runs of `pin`, `unpin` and `verify` as a pipeline has them: exit codes, reports, questions.

mod judging;
mod locking;
mod overlays;
mod templates;
mod writing;

use std::time::Duration;

use serde_json::Value;

use crate::pin_cases::answering;
use crate::registry::{Image, Options, Registry};
use crate::support::{Output, Sandbox};

fn json(out: &Output) -> Value {
    serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:?}"))
}

fn statuses(report: &Value) -> Vec<&str> {
    report["pins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pin| pin["status"].as_str().unwrap())
        .collect()
}

/// Two images of a registry of the test's own, in one chart.
fn chart(registry: &Registry) -> Sandbox {
    let sandbox = Sandbox::new();
    let host = registry.host();
    sandbox.write("demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    sandbox.write(
        "demo/values.yaml",
        format!("app:\n  image: {host}/org/app:1\ntool:\n  image:\n    repository: {host}/org/tool\n    tag: \"2\"\n    digest: \"\"\n"),
    );
    sandbox
}

/// Runs the program with a registry that stands for all others.
fn with_mirrors(sandbox: &Sandbox, args: &[&str], mirrors: &[String]) -> Output {
    let args = args.iter().copied().chain(mirrors.iter().map(String::as_str));
    sandbox.run(&args.collect::<Vec<_>>())
}

fn index(seed: &str) -> Image {
    Image::index(seed, &["linux/amd64", "linux/arm64/v8"])
}

#[test]
fn the_report_says_what_was_asked_and_what_came_of_it() {
    let registry = Registry::start();
    registry.put("org/app", "1", &index("app"));
    registry.put("org/tool", "2", &Image::docker_manifest("tool"));
    let sandbox = chart(&registry);
    let out = sandbox.run(&["pin", "demo", "--format", "json"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    let report = json(&out);
    let host = registry.host();
    let digest = index("app").digest();
    assert_eq!(
        (&report["version"], &report["written"], &report["requests"]),
        (&1.into(), &false.into(), &2.into())
    );
    assert_eq!(
        report["pins"][0],
        serde_json::json!({
            "chart": "demo", "file": "demo/values.yaml", "line": 2, "column": 10, "path": "app.image",
            "reference": format!("{host}/org/app:1"), "digest": digest,
            "media_type": "application/vnd.oci.image.index.v1+json",
            "before": format!("{host}/org/app:1"), "after": format!("{host}/org/app:1@{digest}"),
            "status": "pinned", "reason": null,
        })
    );
    let tool = &report["pins"][1];
    assert_eq!((tool["line"].as_u64(), tool["before"].as_str()), (Some(7), Some("")));
    assert_eq!(
        tool["after"].as_str(),
        Some(Image::docker_manifest("tool").digest().as_str())
    );
    assert_eq!(sandbox.run(&["pin", "demo", "--check"]).code, 1);
    assert_eq!(
        json(&sandbox.run(&["pin", "demo", "--write", "--format", "json"]))["written"],
        true
    );
    let again = sandbox.run(&["pin", "demo", "--check", "--format", "json"]);
    assert_eq!((again.code, statuses(&json(&again))), (0, vec!["already", "already"]));
}

#[test]
fn every_format_is_what_its_readers_read() {
    let registry = Registry::start();
    registry.put("org/app", "1", &index("app"));
    let sandbox = chart(&registry);
    let run = |format: &str| sandbox.run(&["pin", "demo", "--check", "--no-cache", "--format", format]);
    let github = run("github");
    assert_eq!(github.code, 3);
    let lines: Vec<&str> = github.stdout.lines().collect();
    assert!(
        lines[0].starts_with("::warning file=demo/values.yaml,line=2,"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("::error file=demo/values.yaml,line=5,"),
        "{lines:?}"
    );
    let sarif = json(&run("sarif"));
    let rules: Vec<&str> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["ruleId"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["unpinned-image", "unresolved-image"]);
    let diff = run("diff").stdout;
    assert!(
        diff.starts_with("--- a/demo/values.yaml\n+++ b/demo/values.yaml\n") && diff.matches("\n+ ").count() == 1,
        "{diff}"
    );
}

#[test]
fn include_and_exclude_go_by_name_and_by_path() {
    let (_registry, mirrors) = answering(&["docker.io", "quay.io"]);
    let sandbox = Sandbox::new();
    sandbox.write(
        "values.yaml",
        "images:\n  tags:\n    a: docker.io/library/nginx:1\n    b: docker.io/org/app:1\n    c: quay.io/org/app:1\nweb:\n  image: nginx:1\n",
    );
    let pinned = |flags: &[&str]| {
        let args = [&["pin", "values.yaml", "--format", "json"], flags].concat();
        let out = with_mirrors(&sandbox, &args, &mirrors);
        let report = json(&out);
        let paths: Vec<String> = report["pins"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pin| pin["path"].as_str().unwrap().to_owned())
            .collect();
        paths.join(" ")
    };
    assert_eq!(pinned(&[]), "images.tags.a images.tags.b images.tags.c web.image");
    assert_eq!(pinned(&["--include", "docker.io/library/*"]), "images.tags.a web.image");
    assert_eq!(
        pinned(&["--include", "images.tags.*", "--exclude", "quay.io/**"]),
        "images.tags.a images.tags.b"
    );
    assert_eq!(
        pinned(&["--exclude", "web.image", "--exclude", "*/org/app"]),
        "images.tags.a"
    );
    sandbox.write(".chartpin.yaml", "pin:\n  exclude: ['docker.io/**']\n");
    assert_eq!(pinned(&[]), "images.tags.c");
}

#[test]
fn the_configuration_says_where_mirrors_are_and_its_errors_show_the_line() {
    let registry = Registry::start();
    registry.put("hub/library/nginx", "1", &index("nginx"));
    let sandbox = Sandbox::new();
    sandbox.write("values.yaml", "image: nginx:1\n");
    sandbox.write(
        ".chartpin.yaml",
        format!("pin:\n  mirrors:\n    docker.io: [{}/hub]\n", registry.host()),
    );
    let out = sandbox.run(&["pin", "values.yaml", "--write"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert_eq!(
        sandbox.read("values.yaml"),
        format!("image: nginx:1@{}\n", index("nginx").digest())
    );
    for (config, message, place) in [
        (
            "pin:\n  mirrors: {docker.io: 'http://m'}\n",
            "`http://m` is no mirror of `docker.io`",
            ":2:24",
        ),
        ("pin:\n  platform: linux\n", "a platform is `os/architecture`", ":2:13"),
        ("pin:\n  include: ['a[']\n", "`a[` is no glob", ":2:13"),
        ("pin:\n  mirror: {}\n", "unknown field `mirror`", ":2:3"),
    ] {
        sandbox.write(".chartpin.yaml", config);
        let out = sandbox.run(&["pin", "values.yaml"]);
        assert_eq!(out.code, 2, "{}", out.stderr);
        assert!(
            out.stderr.contains(message) && out.stderr.contains(place),
            "{}",
            out.stderr
        );
    }
}

#[test]
fn a_platform_takes_the_child_and_says_where_there_is_none() {
    let registry = Registry::start();
    let image = index("app");
    registry.put("org/app", "1", &image);
    registry.put("org/tool", "2", &Image::manifest("tool").platform("linux/arm64"));
    let sandbox = chart(&registry);
    let out = sandbox.run(&["pin", "demo", "--write", "--platform", "linux/arm64"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(sandbox.read("demo/values.yaml").contains(&image.children[1].digest()));
    assert!(
        sandbox
            .read("demo/values.yaml")
            .contains(&Image::manifest("tool").platform("linux/arm64").digest())
    );
    let out = sandbox.run(&["verify", "demo", "--format", "json"]);
    assert_eq!((out.code, statuses(&json(&out))), (1, vec!["child", "ok"]));
    let out = sandbox.run(&["verify", "demo", "--platform", "linux/arm64", "--format", "json"]);
    assert_eq!((out.code, statuses(&json(&out))), (0, vec!["ok", "ok"]));
    let sandbox = chart(&registry);
    let out = sandbox.run(&["pin", "demo", "--write", "--platform", "linux/s390x"]);
    assert_eq!(out.code, 3);
    assert!(
        out.stderr
            .contains("it is not there for linux/s390x; there is linux/amd64, linux/arm64/v8"),
        "{}",
        out.stderr
    );
}

#[test]
fn each_image_is_asked_for_once_and_answers_are_kept_for_the_next_run() {
    let (registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    let mut text = String::from("images:\n  tags:\n");
    for site in 0..200 {
        text.push_str(&format!("    k{site}: ghcr.io/org/app:{}\n", site % 20));
    }
    sandbox.write("values.yaml", &text);
    let run = |flags: &[&str]| {
        let args = [&["pin", "values.yaml", "--format", "json"], flags].concat();
        json(&with_mirrors(&sandbox, &args, &mirrors))["requests"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(run(&[]), 20);
    assert_eq!(registry.requests().len(), 20);
    assert_eq!(run(&[]), 0, "they are known for five minutes");
    assert_eq!(run(&["--verify-body"]), 20);
    assert_eq!(run(&["--cache-ttl", "0"]), 20);
    std::fs::write(sandbox.path().join(".git/cache/answers.json"), "{ broken").unwrap();
    assert_eq!(run(&[]), 20, "a cache that cannot be read is none");
    assert_eq!(run(&["--concurrency", "4", "--no-cache"]), 20);
    assert!(registry.peak() <= 16, "{}", registry.peak());
}

#[test]
fn an_answer_that_a_cache_holds_too_long_is_asked_for_again() {
    let (_registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    sandbox.write("values.yaml", "image: ghcr.io/org/app:1\n");
    assert_eq!(
        json(&with_mirrors(
            &sandbox,
            &["pin", "values.yaml", "--format", "json", "--cache-ttl", "1s"],
            &mirrors
        ))["requests"],
        1
    );
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(
        json(&with_mirrors(
            &sandbox,
            &["pin", "values.yaml", "--format", "json", "--cache-ttl", "1s"],
            &mirrors
        ))["requests"],
        1
    );
}

#[test]
fn latency_is_paid_side_by_side() {
    let registry = Registry::start_with(Options {
        latency: Duration::from_millis(20),
        ..Options::default()
    });
    registry.answer_all();
    let sandbox = Sandbox::new();
    let text: String = (0..64)
        .map(|n| format!("    k{n}: {}/org/app:{n}\n", registry.host()))
        .collect();
    sandbox.write("values.yaml", format!("images:\n  tags:\n{text}"));
    assert_eq!(sandbox.run(&["pin", "values.yaml", "--concurrency", "8"]).code, 0);
    assert_eq!(registry.peak(), 8);
}

/// The other side in earnest: `tests/registry` starts `docker-registry` and pins against it.
#[test]
#[ignore = "needs docker-registry, htpasswd and openssl, which .ci/run installs: left out here"]
fn pins_hold_against_a_real_registry() {
    let script = crate::support::repository().join("tests/registry");
    let status = std::process::Command::new(script)
        .arg(env!("CARGO_BIN_EXE_chartpin"))
        .status()
        .unwrap();
    assert!(status.success());
}
