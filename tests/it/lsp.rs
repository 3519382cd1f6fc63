//! The language server, driven over standard input and output as an editor drives it.

mod editor;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use self::editor::{Editor, PATIENCE, applied, everything, kinds, only_edit, uri_of};
use crate::registry::{Fault, Image, Registry};
use crate::support::{Sandbox, command, files_below, repository};

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\n";

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
    assert_eq!(editor.request("textDocument/hover", json!([])).unwrap_err().0, -32602);
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
    assert_eq!(editor.wait("window/logMessage")["type"], 2);
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
fn diagnostics_follow_what_is_typed_and_go_with_the_document() {
    let sandbox = chart("image: quay.io/org/app:1\n");
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open(&sandbox, "demo/values.yaml", "image: quay.io/org/app:latest\n");
    let first = editor.published(&uri, 1);
    assert_eq!(codes(&first), ["latest-tag"]);
    assert_eq!(first[0]["range"], range(0, 23, 29));
    assert_eq!(
        (&first[0]["severity"], &first[0]["source"]),
        (&json!(1), &json!("chartpin"))
    );
    let page = first[0]["codeDescription"]["href"].as_str().unwrap();
    assert!(page.ends_with("/rules/latest-tag/README.md"), "{page}");
    editor.change(&uri, 2, &json!([{"range": range(0, 23, 29), "text": "1.0"}]));
    assert_eq!(codes(&editor.published(&uri, 2)), [""; 0]);
    editor.change(&uri, 3, &json!([{"text": "image: quay.io/org/app\n"}]));
    assert_eq!(codes(&editor.published(&uri, 3)), ["latest-tag"]);
    editor.notify("textDocument/didClose", &json!({"textDocument": {"uri": uri}}));
    let last =
        editor.wait_for(|message| message["params"]["uri"] == uri.as_str() && message["params"]["version"].is_null());
    assert_eq!(last["params"]["diagnostics"], json!([]));
}

#[test]
fn several_changes_count_in_their_order_and_the_last_text_is_looked_at() {
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open(&sandbox, "demo/values.yaml", "a: 1\r\nimage: x");
    editor.change(
        &uri,
        2,
        &json!([
            {"range": {"start": place(0, 0), "end": place(1, 0)}, "text": ""},
            {"range": range(0, 7, 99), "text": "quay.io/org/app:"},
            {"range": range(0, 23, 23), "text": "latest\n"},
        ]),
    );
    assert_eq!(codes(&editor.published(&uri, 2)), ["latest-tag"]);
    for version in 3..200 {
        let letter = if version % 2 == 0 { "" } else { "x" };
        editor.change(&uri, version, &json!([{"range": range(1, 0, 99), "text": letter}]));
    }
    editor.change(
        &uri,
        200,
        &json!([{"range": {"start": place(0, 22), "end": place(9, 9)}, "text": ":1\n"}]),
    );
    assert_eq!(codes(&editor.published(&uri, 200)), [""; 0]);
}

#[test]
fn places_are_counted_in_the_encoding_that_was_agreed_on() {
    let text = "a: b\r\n\"𝄞é\": {image: \"quay.io/org/app:latest\"}\r\n";
    for (offered, agreed, start) in [
        (json!([]), "utf-16", 32),
        (json!(["utf-32", "utf-16"]), "utf-32", 31),
        (json!(["utf-8"]), "utf-8", 35),
        (json!(["utf-7"]), "utf-16", 32),
    ] {
        let sandbox = chart("");
        let mut editor = Editor::spawn(sandbox.path());
        let answer = editor.initialize(&json!({"general": {"positionEncodings": offered}}));
        assert_eq!(answer["capabilities"]["positionEncoding"], agreed);
        let uri = editor.open(&sandbox, "demo/values.yaml", text);
        let found = editor.published(&uri, 1);
        assert_eq!(found[0]["range"], range(1, start, start + 6), "{agreed}");
        editor.change(&uri, 2, &json!([{"range": range(1, start, start + 6), "text": "1"}]));
        assert_eq!(codes(&editor.published(&uri, 2)), [""; 0], "{agreed}");
    }
}

#[test]
fn every_open_file_of_the_chart_hears_of_a_change() {
    let sandbox = chart("images:\n  tags:\n    api: quay.io/org/api:1\n");
    sandbox.write(
        "demo/values-prod.yaml",
        "images:\n  tags:\n    api: quay.io/org/api:2\n",
    );
    let mut editor = Editor::start(sandbox.path());
    let values = editor.open_as_is(&sandbox, "demo/values.yaml");
    let over = editor.open_as_is(&sandbox, "demo/values-prod.yaml");
    assert_eq!(codes(&editor.published(&over, 1)), [""; 0]);
    editor.change(&values, 2, &json!([{"range": range(2, 4, 7), "text": "worker"}]));
    assert_eq!(codes(&editor.published(&over, 1)), ["unknown-override-key"]);
    editor.change(&values, 3, &json!([{"range": range(2, 4, 10), "text": "api"}]));
    assert_eq!(codes(&editor.published(&over, 1)), [""; 0]);
}

#[test]
fn half_a_character_is_taken_as_editors_count_it() {
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open(&sandbox, "demo/values.yaml", "#  \nimage: quay.io/org/app:1\n");
    let change = |version: i32, at: u32, text: &str| {
        let document = format!(r#""textDocument":{{"uri":"{uri}","version":{version}}}"#);
        let change = format!(r#""contentChanges":[{{"range":{},"text":"{text}"}}]"#, range(0, at, at));
        format!(r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{{document},{change}}}}}"#)
    };
    editor.send_body(&change(2, 2, r"\ud83d"));
    editor.send_body(&change(3, 3, r"\ude00"));
    editor.send_body(&change(4, 5, r"\nother:\n  image: quay.io/org/one:latest\n"));
    let found = editor.published(&uri, 4);
    assert_eq!(
        (codes(&found), &found[0]["range"]),
        (vec!["latest-tag"], &range(2, 25, 31))
    );
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
fn a_document_whose_changes_are_lost_is_let_go_of() {
    let sandbox = chart("");
    let text = "image: quay.io/org/app:latest\n";
    let mut editor = Editor::start(sandbox.path());
    let before = json!({"start": {"line": -1, "character": 0}, "end": place(0, 0)});
    for (version, changes) in [
        (json!(2), json!([{"range": before, "text": "a"}])),
        (Value::Null, json!([{"text": "a"}])),
    ] {
        let uri = editor.open(&sandbox, "demo/values.yaml", text);
        assert_eq!(codes(&editor.published(&uri, 1)), ["latest-tag"]);
        let document = json!({"uri": uri, "version": version});
        editor.notify(
            "textDocument/didChange",
            &json!({"textDocument": document, "contentChanges": changes}),
        );
        let gone = editor.wait_for(|message| message["params"]["uri"] == uri.as_str());
        assert_eq!(gone["params"]["diagnostics"], json!([]));
        let all = json!({"diagnostics": [], "only": ["quickfix"]});
        assert_eq!(editor.actions(&uri, &range(0, 0, 99), &all), Vec::<Value>::new());
    }
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
fn of_many_fixes_the_first_are_offered() {
    let sandbox = chart("");
    let text: String = (0..30)
        .map(|index| format!("a{index}:\n  image:\n    repository: quay.io/org/a\n    tag: 1.10\n"))
        .collect();
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open(&sandbox, "demo/values.yaml", &text);
    let whole = json!({"start": place(0, 0), "end": place(999, 0)});
    let found = editor.actions(&uri, &whole, &json!({"diagnostics": [], "only": ["quickfix"]}));
    assert_eq!(found.len(), 20);
}

#[test]
fn a_name_of_nothing_lets_no_other_name_out_of_its_code() {
    let sandbox = chart("web:\n  image: quay.io/org/web\n  tag: \"1\"\n");
    let hostile = TEMPLATE
        .replace("kind: Deployment", "kind: \"\"")
        .replace("- name: web", "- name: \"[click](command:evil)`\"");
    sandbox.write("demo/templates/web.yaml", hostile);
    let mut editor = Editor::start(sandbox.path());
    let values = editor.open_as_is(&sandbox, "demo/values.yaml");
    let hover = editor.hover(&values, 1, 12);
    assert!(
        hover.contains("- ` `, container `` [click](command:evil)` ``: `demo/"),
        "{hover}"
    );
}

const TEMPLATE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          imagePullPolicy: Always\n          image: \"{{ .Values.web.image }}:{{ .Values.web.tag | default .Chart.AppVersion }}\"\n";

#[test]
fn templates_and_chart_yaml_count_as_they_are_in_the_editor() {
    let sandbox = chart("web:\n  image: quay.io/org/web\n");
    sandbox.write("demo/Chart.yaml", format!("{CHART}appVersion: \"1.0\"\n"));
    sandbox.write("demo/templates/web.yaml", TEMPLATE);
    let mut editor = Editor::start(sandbox.path());
    let values = editor.open_as_is(&sandbox, "demo/values.yaml");
    let hover = editor.hover(&values, 1, 12);
    assert!(hover.contains("`quay.io/org/web:1.0`"), "{hover}");
    assert!(
        hover.contains("`Deployment`, container `web`: `demo/templates/web.yaml:11`"),
        "{hover}"
    );
    let chart = editor.open(&sandbox, "demo/Chart.yaml", &format!("{CHART}appVersion: \"2.0\"\n"));
    assert!(editor.hover(&values, 1, 12).contains("`quay.io/org/web:2.0`"));
    editor.notify("textDocument/didClose", &json!({"textDocument": {"uri": chart}}));
    assert!(editor.hover(&values, 1, 12).contains("`quay.io/org/web:1.0`"));
    let template = editor.open_as_is(&sandbox, "demo/templates/web.yaml");
    assert_eq!(codes(&editor.published(&template, 1)), [""; 0]);
    let other = TEMPLATE.replace(".Values.web.image", ".Values.web.picture");
    editor.change(&template, 2, &json!([{"text": other}]));
    let missing = editor.wait_for(|message| message["params"]["diagnostics"][0]["code"] == "undefined-image-key");
    assert_eq!(missing["params"]["uri"], values.as_str());
    let related = &missing["params"]["diagnostics"][0]["relatedInformation"][0];
    let asking = json!({"uri": template, "range": range(10, 10, 94)});
    assert_eq!(
        (&related["location"], &related["message"]),
        (&asking, &json!("it is asked for here"))
    );
    let broken = TEMPLATE.replace("}}", "");
    editor.change(&template, 3, &json!([{"text": broken}]));
    assert_eq!(codes(&editor.published(&template, 3)), ["invalid-template"]);
    editor.change(&template, 4, &json!([{"text": TEMPLATE}]));
    assert_eq!(codes(&editor.published(&template, 4)), [""; 0]);
}

#[test]
fn files_that_are_not_saved_yet_belong_to_their_chart_and_other_documents_to_none() {
    let sandbox = Sandbox::new();
    sandbox.write("my charts/démo/Chart.yaml", CHART);
    sandbox.write(
        "my charts/démo/values.yaml",
        "images:\n  tags:\n    api: quay.io/org/api:1\n",
    );
    sandbox.write("compose.yaml", "image: app:latest\n");
    sandbox.write(
        "my charts/values_overrides/démo/noble.yaml",
        "images:\n  tags:\n    apj: quay.io/org/api:1\n",
    );
    let mut editor = Editor::start(sandbox.path());
    let new = "images:\n  tags:\n    apj: quay.io/org/api:latest\n";
    let uri = editor.open(&sandbox, "my charts/démo/values-new.yaml", new);
    assert!(uri.contains("my%20charts/d%C3%A9mo"), "{uri}");
    assert_eq!(
        codes(&editor.published(&uri, 1)),
        ["unknown-override-key", "latest-tag"]
    );
    let newer = editor.open(
        &sandbox,
        "my charts/démo/templates/new.yaml",
        "image: quay.io/org/x:1\n",
    );
    assert_eq!(codes(&editor.published(&newer, 1)), ["hardcoded-image"]);
    let beside = editor.open_as_is(&sandbox, "my charts/values_overrides/démo/noble.yaml");
    assert_eq!(codes(&editor.published(&beside, 1)), ["unknown-override-key"]);
    let loose = editor.open(&sandbox, "lab/values.yaml", "image: quay.io/org/app:latest\n");
    assert_eq!(codes(&editor.published(&loose, 1)), ["latest-tag"]);
    let foreign = editor.open_as_is(&sandbox, "compose.yaml");
    assert_eq!(codes(&editor.published(&foreign, 1)), [""; 0]);
    for uri in ["untitled:Untitled-1", "git:/demo/values.yaml", "no address at all"] {
        editor.open_uri(uri, "image: app:latest\n");
        assert_eq!(
            editor.request("textDocument/documentLink", json!({"textDocument": {"uri": uri}})),
            Ok(json!([]))
        );
    }
    assert!(
        editor
            .unread()
            .iter()
            .all(|message| message["params"]["uri"] != "untitled:Untitled-1")
    );
}

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
fn a_hover_says_what_is_known_of_an_image() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let text = format!(
        "web:\n  image:\n    repository: nginx\n    tag: \"main\"\nold:\n  image: quay.io/org/old:1@{digest}\nname: x\n"
    );
    let uri = editor.open(&sandbox, "demo/values.yaml", &text);
    let floating = editor.hover(&uri, 3, 11);
    assert!(
        floating.starts_with("`docker.io/library/nginx:main`\n\nThe file says it whole; **floating**"),
        "{floating}"
    );
    assert!(
        floating.contains("- [floating-tag](https://") && floating.contains("Key `web.image`"),
        "{floating}"
    );
    assert!(floating.contains("(https://hub.docker.com/_/nginx)"), "{floating}");
    let pinned = editor.hover(&uri, 5, 30);
    assert!(pinned.contains(&digest) && pinned.contains("**pinned**"), "{pinned}");
    let at = json!({"textDocument": {"uri": uri}, "position": place(6, 6)});
    assert_eq!(editor.request("textDocument/hover", at), Ok(Value::Null));
}

#[test]
fn links_lead_to_the_pages_of_registries_that_have_some() {
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let text = "a:\n  image: quay.io/org/app:1\nb:\n  image: registry.example.org/org/app:1\n";
    let uri = editor.open(&sandbox, "demo/values.yaml", text);
    let links = editor
        .request("textDocument/documentLink", json!({"textDocument": {"uri": uri}}))
        .unwrap();
    let target = "https://quay.io/repository/org/app";
    assert_eq!(
        links,
        json!([{"range": range(1, 9, 26), "target": target, "tooltip": target}])
    );
}

#[test]
fn each_fix_of_a_rule_is_an_action_and_safe_ones_come_together() {
    let text = "one:\r\n  image:\r\n    repository: quay.io/org/one\r\n    tag: 1.10\r\n  imagePullPolicy: always\r\ntwo:\r\n  image:\r\n    repository: redis\r\n    tag: 7.20\r\n";
    let sandbox = chart("");
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open(&sandbox, "demo/values.yaml", text);
    let safe = editor.actions(
        &uri,
        &range(3, 10, 10),
        &json!({"diagnostics": [], "only": ["quickfix"]}),
    );
    assert_eq!(safe.len(), 1, "{safe:?}");
    assert_eq!(
        (&safe[0]["isPreferred"], &safe[0]["diagnostics"][0]["code"]),
        (&json!(true), &json!("non-string-tag"))
    );
    assert_eq!(
        applied(text, only_edit(&safe[0]["edit"], &uri, 1)),
        text.replace("1.10", "\"1.10\"")
    );
    let unsafe_one = editor.actions(
        &uri,
        &range(7, 18, 18),
        &json!({"diagnostics": [], "only": ["quickfix"]}),
    );
    assert_eq!(unsafe_one[0]["isPreferred"], false);
    assert!(
        unsafe_one[0]["title"]
            .as_str()
            .unwrap()
            .ends_with("(unsafe: needs a decision)"),
        "{unsafe_one:?}"
    );
    let mended = applied(text, only_edit(&unsafe_one[0]["edit"], &uri, 1));
    assert_eq!(mended, text.replace("redis", "docker.io/library/redis"));
    let at_place = |trigger: u32| json!({"diagnostics": [], "triggerKind": trigger});
    let asked = editor.actions(&uri, &range(3, 10, 10), &at_place(1));
    assert_eq!(
        kinds(&asked),
        [
            "quickfix",
            "source.fixAll.chartpin",
            "refactor.rewrite",
            "source.pin.chartpin"
        ]
    );
    let on_the_way = editor.actions(&uri, &range(3, 10, 10), &at_place(2));
    assert_eq!(kinds(&on_the_way), ["quickfix", "refactor.rewrite"]);
    let all = editor.actions(
        &uri,
        &range(0, 0, 0),
        &json!({"diagnostics": [], "only": ["source.fixAll"], "triggerKind": 2}),
    );
    assert_eq!(kinds(&all), ["source.fixAll.chartpin"]);
    let expected = text
        .replace("1.10", "\"1.10\"")
        .replace("7.20", "\"7.20\"")
        .replace("always", "Always");
    assert_eq!(applied(text, only_edit(&all[0]["edit"], &uri, 1)), expected);
    editor.change(&uri, 2, &json!([{"text": expected}]));
    let none = editor.actions(
        &uri,
        &range(0, 0, 0),
        &json!({"diagnostics": [], "only": ["source.fixAll.chartpin"]}),
    );
    assert_eq!(none, Vec::<Value>::new());
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
