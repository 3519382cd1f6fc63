//! The YAML layer against other people's YAML: spans that decode to their values, events as the test suite has them.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use chartpin::yaml::{Kind, NodeId, Style, Tree, decode, read};

use crate::support::{files_below, shared};

fn spans_hold(name: &str, tree: &Tree) -> usize {
    let mut checked = 0;
    for (id, node) in tree.nodes() {
        let Kind::Scalar(style, _) = node.kind else { continue };
        if tree.is_templated(node.span) {
            continue;
        }
        let scalar = tree.scalar(id).unwrap();
        let token = &tree.text()[scalar.span.range()];
        match style {
            Style::SingleQuoted => assert!(token.starts_with('\'') && token.ends_with('\''), "{name}: {token}"),
            Style::DoubleQuoted => assert!(token.starts_with('"') && token.ends_with('"'), "{name}: {token}"),
            Style::Literal => assert!(token.starts_with('|'), "{name}: {token:?}"),
            Style::Folded => assert!(token.starts_with('>'), "{name}: {token:?}"),
            Style::Plain => assert_eq!(token.trim(), token, "{name}"),
        }
        let decoded = decode(tree.text(), &scalar);
        assert_eq!(
            decoded.text, scalar.value,
            "{name} at byte {}: {token:?}",
            scalar.span.start
        );
        checked += 1;
    }
    checked
}

#[test]
fn every_scalar_of_the_corpus_stands_where_its_span_says() {
    let Some(corpus) = shared("corpus") else { return };
    let (mut files, mut scalars, mut refused) = (0, 0, Vec::new());
    for path in files_below(&corpus) {
        let yaml = path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml");
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if !yaml {
            continue;
        }
        files += 1;
        match read(&Arc::from(text)) {
            Ok(tree) => scalars += spans_hold(&path.display().to_string(), &tree),
            Err(error) => refused.push(format!("{}: {error}", path.display())),
        }
    }
    assert!(files >= 2_897 && scalars >= 220_000, "{files} files, {scalars} scalars");
    assert_eq!(refused, [] as [String; 0]);
}

/// Events as the test suite writes them.
fn events(tree: &Tree) -> String {
    let mut out = String::from("+STR\n");
    for document in tree.documents() {
        out.push_str("+DOC\n");
        write_events(tree, *document, &mut out);
        out.push_str("-DOC\n");
    }
    out.push_str("-STR\n");
    out
}

fn write_events(tree: &Tree, id: NodeId, out: &mut String) {
    let node = tree.node(id);
    match &node.kind {
        Kind::Mapping(pairs) => {
            out.push_str("+MAP\n");
            for (key, value) in pairs {
                write_events(tree, *key, out);
                write_events(tree, *value, out);
            }
            out.push_str("-MAP\n");
        }
        Kind::Sequence(items) => {
            out.push_str("+SEQ\n");
            for item in items {
                write_events(tree, *item, out);
            }
            out.push_str("-SEQ\n");
        }
        Kind::Alias(_) => writeln!(out, "=ALI {}", &tree.text()[node.span.range()]).unwrap(),
        Kind::Scalar(style, _) => {
            let mark = match style {
                Style::Plain => ':',
                Style::SingleQuoted => '\'',
                Style::DoubleQuoted => '"',
                Style::Literal => '|',
                Style::Folded => '>',
            };
            let value = tree.scalar(id).unwrap().value;
            let value = value
                .replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace('\t', "\\t")
                .replace('\r', "\\r")
                .replace('\x08', "\\b");
            writeln!(out, "=VAL {mark}{value}").unwrap();
        }
    }
}

/// The expected events without what a [`Tree`] does not keep: document markers, flow marks, anchors, tags.
fn plain_events(expected: &str) -> String {
    let mut out = String::new();
    for line in expected.lines() {
        let line = line.trim_end_matches('\r');
        let mut words = line.splitn(2, ' ');
        let kind = words.next().unwrap();
        let mut rest = words.next().unwrap_or_default();
        if kind == "=VAL" {
            while rest.starts_with(['&', '<']) {
                rest = rest.split_once(' ').unwrap().1;
            }
            writeln!(out, "=VAL {rest}").unwrap();
        } else if kind == "=ALI" {
            writeln!(out, "{line}").unwrap();
        } else {
            writeln!(out, "{kind}").unwrap();
        }
    }
    out
}

/// Cases that read otherwise than the suite expects, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[(
    "9C9N",
    "a flow sequence that closes at column 0 is accepted, as Helm's parser does; strictness would refuse real charts",
)];

#[test]
fn the_yaml_test_suite_is_read_as_its_events_say() {
    let Some(suite) = shared("vectors/yaml") else { return };
    let mut wrong = Vec::new();
    let mut cases = 0;
    for input in files_below(&suite).iter().filter(|path| path.ends_with("in.yaml")) {
        let dir = input.parent().unwrap();
        let name = dir.strip_prefix(&suite).unwrap().display().to_string();
        cases += 1;
        if let Err(reason) = suite_case(&name, input, dir) {
            wrong.push((name, reason));
        }
    }
    assert!(cases >= 400, "{cases}");
    let unexpected: Vec<_> = wrong
        .iter()
        .filter(|(name, _)| !EXCEPTIONS.iter().any(|(known, _)| known == name))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    for (known, reason) in EXCEPTIONS {
        assert!(
            wrong.iter().any(|(name, _)| name == known),
            "{known} is fine now: {reason}"
        );
    }
}

fn suite_case(name: &str, input: &Path, dir: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(input).unwrap();
    let must_fail = dir.join("error").exists();
    match read(&Arc::from(text)) {
        Err(_) if must_fail => Ok(()),
        Err(error) => Err(format!("refused: {error}")),
        Ok(_) if must_fail => Err("accepted".to_owned()),
        Ok(tree) => {
            std::panic::catch_unwind(|| spans_hold(name, &tree))
                .map_err(|panic| format!("{:?}", panic.downcast_ref::<String>()))?;
            let expected = plain_events(&std::fs::read_to_string(dir.join("test.event")).unwrap());
            let got = events(&tree);
            if got == expected {
                Ok(())
            } else {
                Err(format!("expected\n{expected}got\n{got}"))
            }
        }
    }
}
