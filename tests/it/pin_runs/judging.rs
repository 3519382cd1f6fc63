//! `verify`, `unpin` and `pin --update`: what becomes of digests that stand.

use super::{chart, index, json, statuses, with_mirrors};
use crate::pin_cases::answering;
use crate::registry::{Image, Registry};
use crate::support::Sandbox;

#[test]
fn verify_tells_drift_from_loss_and_shows_both_digests() {
    let registry = Registry::start();
    registry.put("org/app", "1", &index("old").created("2024-05-01T00:00:00Z"));
    registry.put("org/tool", "2", &index("tool"));
    let sandbox = chart(&registry);
    assert_eq!(sandbox.run(&["pin", "demo", "--write"]).code, 0);
    let text = sandbox.read("demo/values.yaml");
    let verify = |flags: &[&str]| {
        let args: Vec<&str> = ["verify", "demo", "--format", "json"]
            .iter()
            .chain(flags)
            .copied()
            .collect();
        let out = sandbox.run(&args);
        (out.code, json(&out))
    };
    let (code, report) = verify(&[]);
    assert_eq!((code, statuses(&report)), (0, vec!["ok", "ok"]));
    assert_eq!(verify(&["--platform", "linux/amd64", "--platform", "linux/arm64"]).0, 0);
    let (code, report) = verify(&["--platform", "linux/s390x"]);
    assert_eq!(
        (code, statuses(&report)),
        (1, vec!["platform-missing", "platform-missing"])
    );
    registry.put("org/app", "1", &index("new").created("2025-06-01T00:00:00Z"));
    let (code, report) = verify(&[]);
    assert_eq!((code, statuses(&report)), (1, vec!["drift", "ok"]));
    assert_eq!(
        report["pins"][0]["current"].as_str(),
        Some(index("new").created("2025-06-01T00:00:00Z").digest().as_str())
    );
    let reason = report["pins"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("2024-05-01T00:00:00Z") && reason.contains("2025-06-01T00:00:00Z"),
        "{reason}"
    );
    let other = Registry::start();
    other.put("org/app", "1", &index("new"));
    let flag = format!("{}={}", registry.host(), other.host());
    drop(registry);
    let out = sandbox.run(&["verify", "demo", "--mirror", &flag]);
    assert_eq!(out.code, 3, "the registry itself cannot be asked: {}", out.stderr);
    assert_eq!(sandbox.read("demo/values.yaml"), text);
}

#[test]
fn a_digest_that_is_gone_is_missing() {
    let registry = Registry::start();
    registry.put("org/app", "1", &index("app"));
    let sandbox = Sandbox::new();
    let gone = format!("sha256:{}", "a".repeat(64));
    sandbox.write(
        "values.yaml",
        format!(
            "image: {0}/org/app:1@{gone}\nplain: {{image: '{0}/org/app:1'}}\n",
            registry.host()
        ),
    );
    let out = sandbox.run(&["verify", "values.yaml"]);
    assert_eq!(out.code, 1);
    assert!(
        out.stdout.contains("its registry does not have this digest"),
        "{}",
        out.stdout
    );
    assert!(
        out.stderr.contains("0 digests ok, 1 missing, 1 image without digest"),
        "{}",
        out.stderr
    );
}

#[test]
fn an_image_that_names_no_platform_is_there_for_none() {
    let registry = Registry::start();
    let image = index("app");
    let image = Image::raw(image.media_type, "{\"schemaVersion\": 2, \"manifests\": []}");
    registry.put("org/app", "1", &image);
    let sandbox = Sandbox::new();
    let text = format!("image: {}/org/app:1@{}\n", registry.host(), image.digest());
    sandbox.write("values.yaml", text);
    let out = sandbox.run(&["verify", "values.yaml", "--platform", "linux/amd64"]);
    assert_eq!(out.code, 1, "{}", out.stdout);
    let said = "it is not there for linux/amd64; there is none that it names";
    assert!(out.stdout.contains(said), "{}", out.stdout);
}

#[test]
fn update_asks_again_and_unpin_goes_back() {
    let registry = Registry::start();
    registry.put("org/app", "1", &index("old"));
    registry.put("org/tool", "2", &index("tool"));
    let sandbox = chart(&registry);
    let before = sandbox.read("demo/values.yaml");
    sandbox.run(&["pin", "demo", "--write"]);
    registry.put("org/app", "1", &index("new"));
    let unasked = registry.requests().len();
    assert_eq!(sandbox.run(&["pin", "demo", "--write", "--no-cache"]).code, 0);
    assert_eq!(registry.requests().len(), unasked, "what is pinned is not asked for");
    assert_eq!(
        sandbox.run(&["pin", "demo", "--write", "--update", "--no-cache"]).code,
        0
    );
    assert!(sandbox.read("demo/values.yaml").contains(&index("new").digest()));
    let dry = sandbox.run(&["unpin", "demo"]);
    assert_eq!(dry.code, 0);
    assert!(
        dry.stderr.contains("2 images to unpin (--write does it)"),
        "{}",
        dry.stderr
    );
    let report = json(&sandbox.run(&["unpin", "demo", "--write", "--format", "json"]));
    assert_eq!(statuses(&report), ["unpinned", "unpinned"]);
    assert_eq!(sandbox.read("demo/values.yaml"), before);
}

#[test]
fn a_digest_goes_out_of_a_flow_mapping_without_joining_its_neighbours() {
    let sandbox = Sandbox::new();
    let digest = format!("sha256:{}", "a".repeat(64));
    sandbox.write(
        "values.yaml",
        format!("image: {{repository: ghcr.io/org/a, tag: v1, digest: {digest}}}\n"),
    );
    assert_eq!(sandbox.run(&["unpin", "values.yaml", "--write"]).code, 0);
    assert_eq!(
        sandbox.read("values.yaml"),
        "image: {repository: ghcr.io/org/a, tag: v1, digest: \"\"}\n"
    );
}

#[test]
fn a_digest_that_an_alias_stands_for_goes_out_of_its_anchor() {
    let sandbox = Sandbox::new();
    let digest = format!("sha256:{}", "a".repeat(64));
    let image = "  image:\n    repository: quay.io/org/a\n    tag: \"1\"\n    digest:";
    sandbox.write("values.yaml", format!("a:\n{image} &d {digest}\nb:\n{image} *d\n"));
    assert_eq!(sandbox.run(&["unpin", "values.yaml", "--write"]).code, 0);
    assert_eq!(sandbox.read("values.yaml"), format!("a:\n{image} &d\nb:\n{image} *d\n"));
}

#[test]
fn an_override_does_not_live_on_the_digest_of_its_chart() {
    let (_registry, mirrors) = answering(&["ghcr.io", "quay.io"]);
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    sandbox.write(
        "demo/values.yaml",
        "a:\n  image:\n    repository: ghcr.io/org/a\n    tag: \"1\"\n    digest: \"\"\nb:\n  image:\n    repository: ghcr.io/org/b\n    tag: \"1\"\n",
    );
    let run = |args: &[&str]| with_mirrors(&sandbox, args, &mirrors);
    assert_eq!(run(&["pin", "demo", "--write"]).code, 0);
    sandbox.write(
        "demo/values_overrides/new.yaml",
        "a:\n  image:\n    tag: \"2\"\nb:\n  image:\n    repository: quay.io/org/b\n",
    );
    assert_eq!(
        run(&["pin", "demo", "--check"]).code,
        1,
        "the digest of tag 1 is none of tag 2"
    );
    let report = json(&run(&["pin", "demo", "--write", "--format", "json"]));
    let of_override: Vec<_> = report["pins"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|pin| pin["file"] == "demo/values_overrides/new.yaml")
        .collect();
    assert_eq!(
        (of_override[0]["status"].as_str(), of_override[1]["status"].as_str()),
        (Some("pinned"), Some("skipped"))
    );
    let digest = Registry::digest_of("ghcr.io/org/a", "2");
    assert!(
        sandbox
            .read("demo/values_overrides/new.yaml")
            .contains(&format!("    tag: \"2\"\n    digest: \"{digest}\"\n"))
    );
    assert_eq!(run(&["pin", "demo", "--check"]).code, 0);
    sandbox.run(&["unpin", "demo", "--write"]);
    let out = run(&["pin", "demo", "--overlay", "pins.yaml"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(
        !sandbox.path().join("pins.yaml").exists(),
        "a digest there would reach the images of the override"
    );
    assert!(out.stderr.contains("no overlay is written"), "{}", out.stderr);
}
