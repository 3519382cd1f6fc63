//! What governs a document: configurations, baselines, ignore comments, and what lies around it on disk.

use serde_json::json;

use super::editor::{Editor, everything, uri_of};
use super::{CHART, chart, codes, place, range};
use crate::support::command;

#[test]
fn the_nearest_configuration_counts_and_its_errors_are_shown_in_it() {
    let sandbox = chart("image: quay.io/org/app:latest\n");
    sandbox.write(".chartpin.yaml", "rules:\n  latest-tag: info\n");
    let mut editor = Editor::spawn(sandbox.path());
    editor.initialize(&everything());
    let asked = editor.wait("client/registerCapability");
    assert_eq!(asked["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    let uri = editor.open_as_is(&sandbox, "demo/values.yaml");
    assert_eq!(editor.published(&uri, 1)[0]["severity"], 3);
    sandbox.write(".chartpin.yaml", "rules:\n  latest-tagg: info\n");
    let config = uri_of(&sandbox.path().join(".chartpin.yaml"));
    editor.changed_on_disk(&config);
    let wrong = editor.wait_for(|message| message["params"]["uri"] == config.as_str());
    let wrong = &wrong["params"]["diagnostics"][0];
    assert_eq!(wrong["range"], range(1, 2, 13));
    assert_eq!(
        wrong["message"],
        "there is no rule `latest-tagg`\nhelp: did you mean `latest-tag`?"
    );
    let said = editor.wait("window/showMessage");
    assert!(
        said["message"]
            .as_str()
            .unwrap()
            .contains("there is no rule `latest-tagg`"),
        "{said}"
    );
    // What the configuration said last still counts.
    editor.hover(&uri, 0, 10);
    assert!(
        editor
            .unread()
            .iter()
            .all(|message| message["params"]["uri"] != uri.as_str())
    );
    let typed = editor.open(
        &sandbox,
        ".chartpin.yaml",
        "rules:\n  latest-tag: warning\nexclude: 7\n",
    );
    assert!(
        editor.published(&typed, 1)[0]["message"]
            .as_str()
            .unwrap()
            .contains("invalid type")
    );
    editor.change(
        &typed,
        2,
        &json!([{"range": {"start": place(2, 0), "end": place(3, 0)}, "text": ""}]),
    );
    assert_eq!(editor.published(&typed, 2), json!([]));
    sandbox.write(".chartpin.yaml", "rules:\n  latest-tag: warning\n");
    editor.changed_on_disk(&typed);
    assert_eq!(editor.published(&uri, 1)[0]["severity"], 2);
    sandbox.write(".chartpin.yaml", "exclude: ['demo/**']\n");
    editor.changed_on_disk(&config);
    assert_eq!(editor.published(&uri, 1), json!([]));
}

#[test]
fn a_configuration_that_nests_without_end_is_refused_at_once() {
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let text = format!("rules: {}", "[".repeat(100_000));
    let uri = editor.open(&sandbox, ".chartpin.yaml", &text);
    let found = editor.published(&uri, 1);
    let message = found[0]["message"].as_str().unwrap();
    assert_eq!(message, "more than 1000 brackets are open at once");
}

#[test]
fn ignore_comments_and_baselines_take_findings_away() {
    let sandbox = chart("image: quay.io/org/app:latest\nother:\n  image: quay.io/org/other:latest\n");
    sandbox.write(".chartpin.yaml", "baseline: known.jsonl\n");
    let known = "{\"file\":\"demo/values.yaml\",\"rule\":\"latest-tag\",\"path\":\"other.image\"}\n";
    sandbox.write("known.jsonl", known);
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open_as_is(&sandbox, "demo/values.yaml");
    let found = editor.published(&uri, 1);
    assert_eq!(
        (codes(&found), &found[0]["range"]),
        (vec!["latest-tag"], &range(0, 23, 29))
    );
    editor.change(
        &uri,
        2,
        &json!([{"range": range(0, 29, 29), "text": " # chartpin: ignore[latest-tag] ours"}]),
    );
    assert_eq!(codes(&editor.published(&uri, 2)), [""; 0]);
    sandbox.write("known.jsonl", "no JSON\n");
    editor.changed_on_disk(&uri);
    assert_eq!(codes(&editor.published(&uri, 2)), ["latest-tag"]);
    assert!(
        editor.wait("window/showMessage")["message"]
            .as_str()
            .unwrap()
            .contains("baseline: line 1")
    );
}

#[test]
fn a_baseline_that_is_written_at_the_root_counts_below_it() {
    let sandbox = chart("image: quay.io/org/app:latest\n");
    sandbox.write("demo/.chartpin.yaml", "baseline: known.jsonl\n");
    let wrote = sandbox.run(&["lint", "demo", "--baseline", "demo/known.jsonl", "--write-baseline"]);
    assert_eq!(wrote.code, 0, "{}", wrote.stderr);
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open_as_is(&sandbox, "demo/values.yaml");
    assert_eq!(codes(&editor.published(&uri, 1)), [""; 0]);
}

#[cfg(unix)]
#[test]
fn links_to_devices_and_pipes_in_a_chart_keep_nobody() {
    let sandbox = chart("");
    let link = |target: &str, at: &str| std::os::unix::fs::symlink(target, sandbox.path().join(at)).unwrap();
    sandbox.write("other/Chart.yaml", CHART);
    sandbox.write("other/values.yaml", "image: quay.io/org/app:latest\n");
    sandbox.write("other/templates/part/x.yaml", "");
    link("/dev/null", "other/.gitignore");
    link("/dev/zero", "other/templates/part/.helmignore");
    sandbox.write("demo/charts/README.md", "");
    let pipe = sandbox.path().join("demo/charts/part.tgz");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(pipe)
            .status()
            .unwrap()
            .success()
    );
    let text = "image: quay.io/org/app:latest\n";
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open(&sandbox, "demo/values.yaml", text);
    assert_eq!(codes(&editor.published(&uri, 1)), ["latest-tag"]);
    let uri = editor.open(&sandbox, "other/values.yaml", text);
    assert_eq!(codes(&editor.published(&uri, 1)), ["latest-tag"]);
    link("/dev/zero", "other/.helmignore");
    editor.changed_on_disk(&uri);
    assert_eq!(codes(&editor.published(&uri, 1)), [""; 0]);
    let out = command(sandbox.path()).args(["lint", "other"]).output().unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.contains("`other/.helmignore`: it is no ignore file"), "{said}");
    assert_eq!(out.status.code(), Some(2));
}
