//! The lock file: what stands in for registries, what it keeps, and an outage.

use super::{chart, index, json, statuses};
use crate::registry::{Image, Registry};
use crate::support::Sandbox;

/// A registry that has the images of the chart, each as an index, and the chart.
fn scene() -> (Registry, Sandbox) {
    let registry = Registry::start();
    registry.put("org/app", "1", &index("app"));
    registry.put("org/tool", "2", &index("tool"));
    let sandbox = chart(&registry);
    (registry, sandbox)
}

#[test]
fn a_lock_file_stands_in_for_the_registries() {
    let registry = Registry::start();
    registry.put("org/app", "1", &index("app"));
    registry.put("org/tool", "2", &Image::manifest("tool"));
    let sandbox = chart(&registry);
    let before = sandbox.read("demo/values.yaml");
    let out = sandbox.run(&["pin", "demo", "--lock"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    let lock = sandbox.read("chartpin.lock");
    assert!(
        lock.contains(&index("app").digest()) && lock.contains("linux/arm64/v8: sha256:"),
        "{lock}"
    );
    assert_eq!(sandbox.run(&["pin", "demo", "--lock", "--no-cache"]).code, 0);
    assert_eq!(
        sandbox.read("chartpin.lock"),
        lock,
        "the same answers give the same file"
    );
    sandbox.run(&["pin", "demo", "--write"]);
    let asked = sandbox.read("demo/values.yaml");
    drop(registry);
    sandbox.write("demo/values.yaml", &before);
    let out = sandbox.run(&["pin", "demo", "--write", "--locked"]);
    assert_eq!(
        (out.code, sandbox.read("demo/values.yaml") == asked),
        (0, true),
        "{}",
        out.stderr
    );
    sandbox.write("demo/values.yaml", &before);
    let out = sandbox.run(&["pin", "demo", "--write", "--locked", "--platform", "linux/amd64"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(
        sandbox
            .read("demo/values.yaml")
            .contains(&index("app").children[0].digest())
    );
    sandbox.write("demo/values.yaml", before.replace("app:1", "app:2"));
    let out = sandbox.run(&["pin", "demo", "--write", "--locked", "--format", "json"]);
    assert_eq!((out.code, statuses(&json(&out))), (3, vec!["failed", "skipped"]));
    assert_eq!(sandbox.read("demo/values.yaml"), before.replace("app:1", "app:2"));
    for (text, message) in [
        ("version: 2\nimages: []\n", "it is of version 2"),
        ("version: 1\nimages: 7\n", "it is no lock file"),
        (&lock.replace("sha256:", "sha256:x"), "is no reference with a digest"),
    ] {
        sandbox.write("chartpin.lock", text);
        let out = sandbox.run(&["pin", "demo", "--locked"]);
        assert_eq!(out.code, 2);
        assert!(out.stderr.contains(message), "{}", out.stderr);
    }
}

#[test]
fn a_media_type_that_a_lock_file_does_not_say_is_null() {
    let (_registry, sandbox) = scene();
    assert_eq!(sandbox.run(&["pin", "demo", "--lock"]).code, 0);
    let flags = ["--locked", "--platform", "linux/amd64", "--format", "json"];
    let out = sandbox.run(&[&["pin", "demo"][..], &flags].concat());
    let report = json(&out);
    assert_eq!(report["pins"][0]["status"], "pinned", "{report}");
    assert!(report["pins"][0]["media_type"].is_null(), "{report}");
}

#[test]
fn a_lock_file_keeps_what_is_pinned_already() {
    let (registry, sandbox) = scene();
    assert_eq!(sandbox.run(&["pin", "demo", "--write", "--lock"]).code, 0);
    let lock = sandbox.read("chartpin.lock");
    registry.put("org/app", "1", &index("moved"));
    assert_eq!(sandbox.run(&["pin", "demo", "--write", "--lock", "--no-cache"]).code, 0);
    assert_eq!(sandbox.read("chartpin.lock"), lock, "nothing was asked for again");
    std::fs::remove_file(sandbox.path().join("chartpin.lock")).unwrap();
    assert_eq!(sandbox.run(&["pin", "demo", "--lock", "--no-cache"]).code, 0);
    let again = sandbox.read("chartpin.lock");
    let undated = |lock: &str| -> Vec<String> {
        lock.lines()
            .filter(|line| !line.contains("resolved:"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        undated(&again),
        undated(&lock),
        "the digests that stand, not what the tags name now"
    );
}

#[test]
fn a_lock_file_outlives_an_outage() {
    let (registry, sandbox) = scene();
    assert_eq!(sandbox.run(&["pin", "demo", "--write", "--lock"]).code, 0);
    let lock = sandbox.read("chartpin.lock");
    let host = registry.host();
    drop(registry);
    let gone = format!("more:\n  image: {host}/org/more:1@sha256:{}\n", "b".repeat(64));
    sandbox.write("demo/values.yaml", sandbox.read("demo/values.yaml") + &gone);
    let out = sandbox.run(&["pin", "demo", "--write", "--lock"]);
    assert_eq!(
        (out.code, sandbox.read("chartpin.lock") == lock),
        (3, true),
        "{}",
        out.stderr
    );
    assert!(
        out.stderr.contains("which the lock file does not have: network: "),
        "{}",
        out.stderr
    );
    let out = sandbox.run(&["pin", "demo", "--write", "--lock", "--keep-going"]);
    assert_eq!(
        (out.code, sandbox.read("chartpin.lock") == lock),
        (3, true),
        "{}",
        out.stderr
    );
    sandbox.write("chartpin.lock", lock.clone() + lock.split_once("images:\n").unwrap().1);
    let out = sandbox.run(&["pin", "demo", "--locked"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("is there twice"), "{}", out.stderr);
}
