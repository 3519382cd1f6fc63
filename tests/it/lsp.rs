//! The language server, driven over standard input and output as an editor drives it.

mod answers;
mod configurations;
mod conversation;
mod documents;
mod editor;
mod pins;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use self::editor::{Editor, uri_of};
use crate::support::{Sandbox, command, files_below, repository};

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\n";

/// A workload whose tag may be the version of the chart.
const TEMPLATE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          imagePullPolicy: Always\n          image: \"{{ .Values.web.image }}:{{ .Values.web.tag | default .Chart.AppVersion }}\"\n";

/// A chart with one template, and values of this text.
fn chart(values: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", CHART);
    sandbox.write("demo/values.yaml", values);
    sandbox
}

/// The codes of diagnostics, in their order.
fn codes(diagnostics: &Value) -> Vec<&str> {
    let list = diagnostics.as_array().unwrap();
    list.iter().map(|one| one["code"].as_str().unwrap()).collect()
}

fn place(line: u32, character: u32) -> Value {
    json!({"line": line, "character": character})
}

fn range(line: u32, start: u32, end: u32) -> Value {
    json!({"start": place(line, start), "end": place(line, end)})
}

/// What a finding says, and where: rule, lines and characters from 0, message.
type Said = (String, [u64; 4], String);

#[test]
fn an_editor_is_told_what_the_command_line_says() {
    let mut editor = Editor::spawn(repository());
    let root = uri_of(repository());
    let encodings = json!({"general": {"positionEncodings": ["utf-32"]}});
    let params = json!({"processId": null, "rootUri": root, "capabilities": encodings});
    editor.request("initialize", params).unwrap();
    let (mut files, mut findings) = (0, 0);
    for tree in ["charts", "pins", "sites", "uses", "broken-charts"] {
        let tree = format!("testdata/{tree}");
        let out = command(repository())
            .args(["lint", "--format", "json", &tree])
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        let mut expected: BTreeMap<PathBuf, Vec<Said>> = BTreeMap::new();
        for finding in report["findings"].as_array().unwrap() {
            let file = repository().join(finding["file"].as_str().unwrap());
            let place = ["line", "column", "end_line", "end_column"].map(|key| finding[key].as_u64().unwrap() - 1);
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            let said = (text("rule"), place, text("message"));
            expected.entry(file).or_default().push(said);
        }
        for path in files_below(&repository().join(&tree)) {
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            let uri = uri_of(&path);
            editor.open_uri(&uri, &text);
            let published = editor.published(&uri, 1);
            let said = |one: &Value| -> Said {
                let (start, end) = (&one["range"]["start"], &one["range"]["end"]);
                let place = [&start["line"], &start["character"], &end["line"], &end["character"]];
                let message = one["message"].as_str().unwrap();
                let message = message.split_once("\nhelp: ").map_or(message, |(message, _)| message);
                (
                    one["code"].as_str().unwrap().to_owned(),
                    place.map(|place| place.as_u64().unwrap()),
                    message.to_owned(),
                )
            };
            let mut found: Vec<Said> = published.as_array().unwrap().iter().map(said).collect();
            found.sort();
            let mut wanted = expected.remove(&path).unwrap_or_default();
            wanted.sort();
            assert_eq!(found, wanted, "{}", path.display());
            editor.notify("textDocument/didClose", &json!({"textDocument": {"uri": uri}}));
            files += 1;
            findings += found.len();
        }
        assert!(expected.is_empty(), "{expected:?}");
    }
    assert!(files > 200 && findings > 80, "{files} files, {findings} findings");
}
