//! How a conversation begins and ends, what is refused in it, and what a client gets that knows little.

use std::io::Write as _;

use serde_json::{Value, json};

use super::editor::{Editor, applied, kinds};
use super::{chart, codes, place, range};
use crate::support::{Sandbox, command};

#[test]
fn a_conversation_begins_and_ends_as_the_protocol_has_it() {
    let sandbox = Sandbox::new();
    let mut editor = Editor::spawn(sandbox.path());
    let answer = editor.initialize(&json!({}));
    assert_eq!(answer["serverInfo"]["name"], "chartpin");
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(answer["capabilities"]["textDocumentSync"]["change"], 2);
    assert_eq!(editor.request("shutdown", Value::Null), Ok(Value::Null));
    editor.notify("exit", &Value::Null);
    assert_eq!(editor.ended().0, 0);
}

#[test]
fn an_exit_before_a_shutdown_and_a_client_that_leaves_are_told_apart_from_an_orderly_end() {
    let sandbox = Sandbox::new();
    let mut exits = Editor::start(sandbox.path());
    exits.notify("exit", &Value::Null);
    assert_eq!(exits.ended().0, 1);
    let mut leaves = Editor::start(sandbox.path());
    leaves.hang_up();
    assert_eq!(leaves.ended().0, 1);
    let mut breaks_off = Editor::start(sandbox.path());
    breaks_off.send_raw(b"Content-Length: 100\r\n\r\n{\"jsonrpc\"");
    breaks_off.hang_up();
    assert_eq!(breaks_off.ended().0, 1);
    let mut says_goodbye = Editor::start(sandbox.path());
    says_goodbye.request("shutdown", Value::Null).unwrap();
    says_goodbye.hang_up();
    assert_eq!(says_goodbye.ended().0, 0);
}

#[cfg(unix)]
#[test]
fn a_client_whose_process_dies_takes_the_server_with_it() {
    let sandbox = Sandbox::new();
    let mut parent = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let mut editor = Editor::spawn(sandbox.path());
    let params = json!({"processId": parent.id(), "rootUri": null, "capabilities": {}});
    editor.request("initialize", params).unwrap();
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert_eq!(editor.ended().0, 1);
}

#[test]
fn requests_that_cannot_be_answered_are_refused_with_the_codes_of_the_protocol() {
    let sandbox = Sandbox::new();
    let mut editor = Editor::spawn(sandbox.path());
    let hover = json!({"textDocument": {"uri": "file:///nowhere.yaml"}, "position": place(0, 0)});
    assert_eq!(
        editor.request("textDocument/hover", hover.clone()).unwrap_err().0,
        -32002
    );
    assert_eq!(editor.request("initialize", json!([])).unwrap_err().0, -32602);
    editor.notify("textDocument/didOpen", &json!({"too": "early"}));
    editor.initialize(&json!({}));
    assert_eq!(editor.request("textDocument/hover", hover), Ok(Value::Null));
    let wrong = |given: Value, said: &str| (given, format!("`textDocument/hover`: {said}"));
    for (given, said) in [
        wrong(json!([]), "invalid type: sequence, expected an object"),
        wrong(json!("x"), "invalid type: string \"x\", expected an object"),
        wrong(json!({}), "missing field `textDocument`"),
    ] {
        assert_eq!(editor.request("textDocument/hover", given), Err((-32602, said)));
    }
    assert_eq!(editor.request("textDocument/rename", json!({})).unwrap_err().0, -32601);
    assert_eq!(
        editor.request("initialize", json!({"capabilities": {}})).unwrap_err().0,
        -32600
    );
    assert_eq!(
        editor
            .request("workspace/executeCommand", json!({"command": "x"}))
            .unwrap_err()
            .0,
        -32602
    );
    let pin = json!({"command": "chartpin.pin", "arguments": [{"uri": "file:///nowhere.yaml"}]});
    assert_eq!(editor.request("workspace/executeCommand", pin).unwrap_err().0, -32602);
    editor.notify("$/whatever", &json!({}));
    editor.notify("textDocument/didChange", &json!(3));
    let said = editor.wait("window/logMessage");
    assert_eq!(said["type"], 2);
    assert!(!said["message"].as_str().unwrap().contains("Params"), "{said}");
    editor.request("shutdown", Value::Null).unwrap();
    assert_eq!(editor.request("shutdown", Value::Null).unwrap_err().0, -32600);
}

#[test]
fn messages_that_are_none_are_answered_and_the_next_one_is_read() {
    let sandbox = Sandbox::new();
    let mut editor = Editor::start(sandbox.path());
    let deep = "[".repeat(100_000);
    for (body, id, code) in [
        ("{", Value::Null, -32700),
        (deep.as_str(), Value::Null, -32700),
        ("[]", Value::Null, -32600),
        (r#"{"id": 77, "method": {}}"#, json!(77), -32600),
    ] {
        editor.send_body(body);
        let answer = editor.wait_for(|message| message["error"].is_object());
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&id, &json!(code)),
            "{answer}"
        );
    }
    editor.send_body(r#"{"id": 99, "result": null}"#);
    assert_eq!(editor.request("shutdown", Value::Null), Ok(Value::Null));
}

#[test]
fn a_message_that_is_too_long_is_passed_over() {
    let sandbox = Sandbox::new();
    let mut editor = Editor::start(sandbox.path());
    editor.send_body(&" ".repeat((64 << 20) + 1));
    let answer = editor.wait_for(|message| message["error"].is_object());
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&Value::Null, &json!(-32700))
    );
    assert_eq!(editor.request("shutdown", Value::Null), Ok(Value::Null));
}

#[test]
fn a_stream_that_is_no_protocol_ends_the_server_with_a_reason() {
    let sandbox = Sandbox::new();
    for (sent, said) in [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "`GET / HTTP/1.1` is no header"),
        ("Content-Type: x\r\n\r\n{}", "no `Content-Length`"),
        ("Content-Length: 99999999999999\r\n\r\n{}", "is too long"),
        ("Content-Length: many\r\n\r\n{}", "`Content-Length: many` is no header"),
    ] {
        let mut editor = Editor::spawn(sandbox.path());
        editor.send_raw(sent.as_bytes());
        let (code, stderr) = editor.ended();
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(said) && stderr.contains("docs/editors.md"), "{stderr}");
    }
    let mut child = command(sandbox.path())
        .arg("lsp")
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let endless = vec![b'x'; 1 << 20];
    // The server does not read to the end.
    drop(child.stdin.take().unwrap().write_all(&endless));
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[test]
fn a_client_that_knows_less_gets_less() {
    let sandbox = chart("");
    let text = "image:\n  repository: quay.io/org/one\n  tag: 1.10\n";
    let context = json!({"diagnostics": []});
    let mut old = Editor::spawn(sandbox.path());
    old.initialize(&json!({}));
    let uri = old.open(&sandbox, "demo/values.yaml", text);
    assert_eq!(old.actions(&uri, &range(2, 8, 8), &context), Vec::<Value>::new());
    let mut plain = Editor::spawn(sandbox.path());
    plain.initialize(
        &json!({"textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}}}),
    );
    plain.open(&sandbox, "demo/values.yaml", text);
    assert_eq!(codes(&plain.published(&uri, 1)), ["non-string-tag"]);
    let hover = plain.hover(&uri, 1, 20);
    assert!(
        hover.starts_with("quay.io/org/one:1.10\n\nThe file says it whole; not pinned: its tag"),
        "{hover}"
    );
    assert!(hover.contains("\nPage of the image <https://quay.io/"), "{hover}");
    let actions = plain.actions(&uri, &range(2, 8, 8), &context);
    assert_eq!(kinds(&actions), ["quickfix", "source.fixAll.chartpin"]);
    let edits = actions[0]["edit"]["changes"][&uri].as_array().unwrap();
    assert_eq!(applied(text, edits), text.replace("1.10", "\"1.10\""));
    // Who does not watch files says at least that one is saved.
    sandbox.write(".chartpin.yaml", "rules:\n  non-string-tag: off\n");
    plain.notify("textDocument/didSave", &json!({"textDocument": {"uri": uri}}));
    assert_eq!(plain.published(&uri, 1), json!([]));
}
