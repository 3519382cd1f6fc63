//! Pins of open documents, from a registry on the loopback.

use std::time::Duration;

use serde_json::{Value, json};

use super::editor::{Editor, PATIENCE, applied, only_edit};
use super::{chart, range};
use crate::registry::{Fault, Image, Registry};

/// Runs the action of this kind at a place, and gives the edit that the server sends.
fn pin(editor: &mut Editor, uri: &str, at: &Value, kind: &str) -> Result<Value, (i64, String)> {
    let found = editor.actions(uri, at, &json!({"diagnostics": [], "only": [kind]}));
    assert_eq!(found.len(), 1, "{found:?}");
    let command = &found[0]["command"];
    let params = json!({"command": command["command"], "arguments": command["arguments"]});
    editor.request("workspace/executeCommand", params)
}

#[test]
fn a_pin_asks_the_registry_and_edits_the_buffer() {
    let registry = Registry::start();
    let (app, tool) = (Image::manifest("app"), Image::manifest("tool"));
    registry.put("org/app", "1", &app);
    registry.put("org/tool", "2", &tool);
    let host = registry.host();
    let sandbox = chart("# old text\n");
    let text = format!(
        "# new text\r\napp:\r\n  image: {host}/org/app:1 # é\r\ntool:\r\n  image:\r\n    repository: {host}/org/tool\r\n    tag: \"2\"\r\n    digest: \"\"\r\n"
    );
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open(&sandbox, "demo/values.yaml", &text);
    editor.hover(&uri, 2, 12);
    assert_eq!(pin(&mut editor, &uri, &range(2, 12, 12), "refactor"), Ok(Value::Null));
    let edit = editor.wait("workspace/applyEdit");
    let one = text.replace("app:1 ", &format!("app:1@{} ", app.digest()));
    assert_eq!(applied(&text, only_edit(&edit["edit"], &uri, 1)), one);
    assert_eq!(registry.count(|request| request.path.contains("tool")), 0);
    editor.change(&uri, 2, &json!([{"text": one}]));
    assert_eq!(pin(&mut editor, &uri, &range(0, 0, 0), "source.pin"), Ok(Value::Null));
    let edit = editor.wait("workspace/applyEdit");
    let both = one.replace("digest: \"\"", &format!("digest: \"{}\"", tool.digest()));
    assert_eq!(applied(&one, only_edit(&edit["edit"], &uri, 2)), both);
    editor.change(&uri, 3, &json!([{"text": both}]));
    let left = editor.actions(
        &uri,
        &range(2, 12, 12),
        &json!({"diagnostics": [], "only": ["refactor", "source.pin"]}),
    );
    assert_eq!(left, Vec::<Value>::new());
    assert_eq!(sandbox.read("demo/values.yaml"), "# old text\n");
}

#[test]
fn what_cannot_be_pinned_says_why() {
    let registry = Registry::start();
    registry.put("org/app", "1", &Image::manifest("app"));
    let host = registry.host();
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let text = format!("a:\n  image: {host}/org/app:2\nb:\n  image: {host}/org/app:1\n");
    let uri = editor.open(&sandbox, "demo/values.yaml", &text);
    pin(&mut editor, &uri, &range(1, 12, 12), "refactor").unwrap();
    let said = editor.wait("window/showMessage");
    let message = said["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("not pinned: `{host}/org/app:2`: not found")),
        "{message}"
    );
    assert_eq!(said["type"], 1);
    // What has an answer is pinned all the same.
    pin(&mut editor, &uri, &range(0, 0, 0), "source.pin").unwrap();
    let edit = editor.wait("workspace/applyEdit");
    assert!(applied(&text, only_edit(&edit["edit"], &uri, 1)).contains("app:1@sha256:"));
    assert!(
        editor.wait("window/showMessage")["message"]
            .as_str()
            .unwrap()
            .contains("app:2")
    );
    editor.refuse_edits("the document is read-only");
    pin(&mut editor, &uri, &range(3, 12, 12), "refactor").unwrap();
    assert!(
        editor.wait("window/showMessage")["message"]
            .as_str()
            .unwrap()
            .ends_with("the document is read-only")
    );
    let missing = json!({"command": "chartpin.pin", "arguments": [{"uri": uri, "path": "c.image"}]});
    editor.request("workspace/executeCommand", missing).unwrap();
    assert_eq!(
        editor.wait("window/showMessage")["message"],
        "chartpin: there is nothing to pin"
    );
    sandbox.write(".chartpin.yaml", "pin:\n  ca-file: gone.pem\n");
    editor.changed_on_disk(&uri);
    let refused = pin(&mut editor, &uri, &range(1, 12, 12), "refactor").unwrap_err();
    assert!(refused.0 == -32803 && refused.1.contains("gone.pem"), "{refused:?}");
}

#[test]
fn a_pin_goes_into_what_was_typed_while_the_registry_was_asked() {
    let registry = Registry::start();
    let app = Image::manifest("app");
    registry.put("org/app", "1", &app);
    registry.faults("org/app", [Fault::Hang(Duration::from_millis(300))]);
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let text = format!("image: {}/org/app:1\n", registry.host());
    let uri = editor.open(&sandbox, "demo/values.yaml", &text);
    let id = editor.send_pin(&uri, "image");
    let typed = format!("# typed\n{text}");
    editor.change(&uri, 2, &json!([{"range": range(0, 0, 0), "text": "# typed\n"}]));
    assert_eq!(editor.answer(&id), Ok(Value::Null));
    let edit = editor.wait("workspace/applyEdit");
    let pinned = typed.replace("app:1", &format!("app:1@{}", app.digest()));
    assert_eq!(applied(&typed, only_edit(&edit["edit"], &uri, 2)), pinned);
}

#[test]
fn a_registry_that_hangs_keeps_neither_the_editor_nor_the_end_waiting() {
    let registry = Registry::start();
    registry.put("org/app", "1", &Image::manifest("app"));
    registry.always("org/app", Fault::Hang(2 * PATIENCE));
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open(
        &sandbox,
        "demo/values.yaml",
        &format!("image: {}/org/app:1\n", registry.host()),
    );
    let first = editor.send_pin(&uri, "image");
    let second = editor.send_pin(&uri, "image");
    assert!(editor.hover(&uri, 0, 10).contains("not pinned"));
    editor.notify("$/cancelRequest", &json!({"id": first}));
    assert_eq!(editor.answer(&first).unwrap_err().0, -32800);
    assert_eq!(editor.request("shutdown", Value::Null), Ok(Value::Null));
    assert_eq!(editor.answer(&second).unwrap_err().0, -32800);
    editor.notify("exit", &Value::Null);
    assert_eq!(editor.ended().0, 0);
}

#[test]
fn no_more_pins_wait_at_once_than_a_person_asks_for() {
    let registry = Registry::start();
    registry.put("org/app", "1", &Image::manifest("app"));
    registry.always("org/app", Fault::Hang(2 * PATIENCE));
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let text = format!("image: {}/org/app:1\n", registry.host());
    let uri = editor.open(&sandbox, "demo/values.yaml", &text);
    let pins: Vec<_> = (0..17).map(|_| editor.send_pin(&uri, "image")).collect();
    let refused = editor.answer(&pins[16]).unwrap_err();
    assert!(refused.0 == -32803 && refused.1.contains("16 pins ask"), "{refused:?}");
    // One that is taken back asks on, for all that its registry says.
    editor.notify("$/cancelRequest", &json!({"id": pins[0]}));
    assert_eq!(editor.answer(&pins[0]).unwrap_err().0, -32800);
    let next = editor.send_pin(&uri, "image");
    assert_eq!(editor.answer(&next).unwrap_err().0, -32803);
    assert!(editor.hover(&uri, 0, 10).contains("not pinned"));
}
