//! Documents that come, change and go, and the diagnostics that follow them.

use serde_json::{Value, json};

use super::editor::Editor;
use super::{CHART, TEMPLATE, chart, codes, place, range};
use crate::support::Sandbox;

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
