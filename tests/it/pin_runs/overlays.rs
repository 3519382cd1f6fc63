//! Overlays and packaged charts: what goes into a file of its own.

use super::with_mirrors;
use crate::pin_cases::answering;
use crate::registry::Registry;
use crate::support::Sandbox;

#[test]
fn an_overlay_holds_the_pinned_values_and_nothing_else() {
    let (_registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    let values = "a:\n  replicas: 2\n  image:\n    repository: ghcr.io/org/a\n    tag: \"1\"\n    digest:\nlist:\n  - name: one\n    port: 80\n    image: ghcr.io/org/b:1\n  - name: \"yes\"\nimages: {tags: {c.d: 'ghcr.io/org/c:1'}}\n";
    sandbox.write("demo/values.yaml", values);
    let run = |flags: &[&str]| {
        let args = [&["pin", "demo"], flags].concat();
        with_mirrors(&sandbox, &args, &mirrors)
    };
    let out = run(&["--overlay", "{chart}-pins.yaml"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert_eq!(sandbox.read("demo/values.yaml"), values, "the chart is left alone");
    let digest = |name: &str| Registry::digest_of(&format!("ghcr.io/org/{name}"), "1");
    let expected = format!(
        "# The pinned images of `demo`, for `helm install -f`. Written by `chartpin pin --overlay`.\na:\n  image:\n    digest: \"{}\"\nlist:\n  -\n    name: one\n    port: 80\n    image: \"ghcr.io/org/b:1@{}\"\n  -\n    name: \"yes\"\nimages:\n  tags:\n    c.d: \"ghcr.io/org/c:1@{}\"\n",
        digest("a"),
        digest("b"),
        digest("c")
    );
    assert_eq!(sandbox.read("demo-pins.yaml"), expected);
    sandbox.write("other/Chart.yaml", "apiVersion: v2\nname: other\nversion: 0.1.0\n");
    sandbox.write("other/values.yaml", "image: ghcr.io/org/b:1\n");
    let out = run(&["other", "--overlay", "one.yaml"]);
    assert_eq!(out.code, 2);
    assert!(
        out.stderr.contains("two charts would be written to `one.yaml`"),
        "{}",
        out.stderr
    );
}

#[test]
fn a_packaged_chart_is_not_written_and_gets_an_overlay() {
    let (_registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    sandbox.write("demo/values.yaml", "image: ghcr.io/org/a:v1\n");
    let packed = std::process::Command::new("tar")
        .args(["czf", "demo.tgz", "demo"])
        .current_dir(sandbox.path())
        .status()
        .unwrap();
    assert!(packed.success());
    let run = |args: &[&str]| with_mirrors(&sandbox, args, &mirrors);
    let out = run(&["pin", "demo.tgz", "--write"]);
    assert!(
        out.stderr.contains("it is in a packaged chart, which is not written"),
        "{}",
        out.stderr
    );
    assert_eq!(run(&["pin", "demo.tgz", "--overlay", "pins.yaml"]).code, 0);
    let digest = Registry::digest_of("ghcr.io/org/a", "v1");
    assert!(
        sandbox
            .read("pins.yaml")
            .ends_with(&format!("image: \"ghcr.io/org/a:v1@{digest}\"\n"))
    );
}

#[test]
fn what_is_written_takes_nobody_elses_place() {
    let (_registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    let values = "image: ghcr.io/org/a:v1\nother: kept\n";
    sandbox.write("demo/values.yaml", values);
    sandbox.write("demo/.chartpin-baseline.jsonl", "{}\n");
    let run = |args: &[&str]| with_mirrors(&sandbox, args, &mirrors);
    let out = run(&["pin", "demo", "--overlay", "demo/values.yaml"]);
    assert_eq!(
        (out.code, sandbox.read("demo/values.yaml").as_str()),
        (2, values),
        "{}",
        out.stderr
    );
    assert!(
        out.stderr.contains("is there, and is no overlay of chartpin"),
        "{}",
        out.stderr
    );
    let out = run(&["pin", "demo", "--lock", "--lock-file", "one", "--overlay", "one"]);
    assert_eq!(out.code, 2, "{}", out.stderr);
    let out = run(&["pin", "demo", "--write"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert_eq!(
        sandbox.read("demo/.chartpin-baseline.jsonl"),
        "{}\n",
        "the user's own file"
    );
    assert_eq!(run(&["pin", "demo", "--timeout", "18446744073709551615"]).code, 2);
}

#[test]
fn a_packaged_chart_and_a_broken_file_are_said_and_the_rest_is_pinned() {
    let (_registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    sandbox.write("good/values.yaml", "image: ghcr.io/org/app:1\n");
    sandbox.write("bad/values.yaml", "image: [\n");
    let out = with_mirrors(&sandbox, &["pin", "good", "bad", "--write"], &mirrors);
    assert_eq!(out.code, 3, "{}", out.stderr);
    assert!(
        out.stderr.contains("`bad/values.yaml:1:8`: ") && out.stderr.contains("its images are not looked at"),
        "{}",
        out.stderr
    );
    assert!(sandbox.read("good/values.yaml").contains("@sha256:"));
    assert_eq!(sandbox.run(&["pin", "nowhere"]).code, 2);
}
