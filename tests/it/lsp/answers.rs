//! What is said of a place: hovers, links, fixes.

use serde_json::{Value, json};

use super::editor::{Editor, applied, kinds, only_edit, uri_of};
use super::{TEMPLATE, chart, place, range};

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
fn an_image_whose_tag_the_file_does_not_spell_is_not_taken_for_one_without() {
    let values = |tag: &str| format!("web:\n  image: quay.io/org/web\n{tag}");
    let sandbox = chart(&values(""));
    sandbox.write(
        "demo/Chart.yaml",
        "apiVersion: v2\nname: demo\nversion: 0.1.0\nappVersion: 1.2.3\n",
    );
    sandbox.write("demo/templates/web.yaml", TEMPLATE);
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open_as_is(&sandbox, "demo/values.yaml");
    let tags = [
        ("", "1.2.3"),
        ("  tag: \"\"\n", "1.2.3"),
        ("  tag: 7.10\n", "7.1"),
        ("  tag: 1e3\n", "1000"),
    ];
    for (version, (tag, read)) in (2..).zip(tags) {
        editor.change(&uri, version, &json!([{"text": values(tag)}]));
        let hover = editor.hover(&uri, 1, 12);
        assert!(hover.starts_with(&format!("`quay.io/org/web:{read}`")), "{hover}");
        assert!(hover.contains("; **not pinned**: its tag can be moved."), "{hover}");
    }
}

#[test]
fn the_configuration_says_in_a_hover_too_which_tags_float() {
    let sandbox = chart("image: quay.io/org/web:foo-1\n");
    let mut editor = Editor::start(sandbox.path());
    let uri = editor.open_as_is(&sandbox, "demo/values.yaml");
    let hover = editor.hover(&uri, 0, 12);
    assert!(hover.contains("**not pinned**"), "{hover}");
    sandbox.write(".chartpin.yaml", "rules: {floating-tag: {patterns: [\"foo-*\"]}}\n");
    editor.changed_on_disk(&uri_of(&sandbox.path().join(".chartpin.yaml")));
    let hover = editor.hover(&uri, 0, 12);
    assert!(hover.contains("**floating**: its tag is moved"), "{hover}");
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
