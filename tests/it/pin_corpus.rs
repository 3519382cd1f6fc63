//! Real charts, where they are at hand, and generated ones: an edit touches its scalar and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chartpin::chart::{Chart, FileRole, Input, Inputs};
use chartpin::pin::{Options, Status, Wishes, overlay, plan, unpin};
use chartpin::resolution::{Resolutions, Resolved, Wanted, media_type};
use chartpin::site::Finder;
use chartpin::source::SourceFile;
use chartpin::yaml::{helm_plain, read};
use proptest::prelude::*;
use serde_json::Value;

use crate::registry::Registry;
use crate::support::{Sandbox, command, files_below, shared};

/// What is done to every file before it is pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variant {
    AsIs,
    Crlf,
    Bom,
    NoFinalNewline,
    CheckMark,
}

impl Variant {
    fn of(self, text: &str) -> String {
        match self {
            Self::AsIs => text.to_owned(),
            Self::Crlf => text.replace("\r\n", "\n").replace('\n', "\r\n"),
            Self::Bom => format!("\u{feff}{}", text.trim_start_matches('\u{feff}')),
            Self::NoFinalNewline => text.trim_end_matches(['\r', '\n']).to_owned(),
            Self::CheckMark => match text.strip_prefix('\u{feff}') {
                Some(rest) => format!("\u{feff}# ✓\n{rest}"),
                None => format!("# ✓\n{text}"),
            },
        }
    }
}

fn json(dir: &Path, args: &[String]) -> Value {
    let out = command(dir).args(args).output().unwrap();
    serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out.stderr)))
}

fn strings(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

/// The flags that make one registry stand for every other.
fn mirrors(dir: &Path, host: &str) -> Vec<String> {
    let images = json(dir, &strings(&["images", ".", "--format", "json"]));
    let references = images["images"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|image| image["reference"].as_str());
    let registries: BTreeSet<String> = references
        .filter_map(|text| Some(Wanted::parse(text)?.registry))
        .collect();
    let flag = |(index, registry): (usize, &String)| ["--mirror".to_owned(), format!("{registry}={host}/r{index}")];
    registries.iter().enumerate().flat_map(flag).collect()
}

fn texts(dir: &Path) -> BTreeMap<String, String> {
    files_below(dir)
        .into_iter()
        .filter(|file| !file.starts_with(dir.join(".git")))
        .map(|file| {
            (
                file.strip_prefix(dir).unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(&file).unwrap(),
            )
        })
        .collect()
}

fn comments(text: &str) -> Vec<String> {
    let tree = read(&text.into()).unwrap();
    tree.comments()
        .iter()
        .map(|comment| text[comment.span.range()].to_owned())
        .collect()
}

/// The file as it has to look: each pin of the report put at its line and column, and nothing else changed.
fn expected(text: &str, pins: &[&Value]) -> String {
    let breaks: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let mut places: BTreeMap<usize, (&str, &str)> = BTreeMap::new();
    for pin in pins {
        let number = |key: &str| usize::try_from(pin[key].as_u64().unwrap()).unwrap();
        // A byte order mark is no column.
        let bom = if number("line") == 1 && text.starts_with('\u{feff}') {
            3
        } else {
            0
        };
        let start = breaks[number("line") - 1] + bom;
        let column = text[start..]
            .char_indices()
            .nth(number("column") - 1)
            .map_or(text.len() - start, |(at, _)| at);
        places.insert(
            start + column,
            (pin["before"].as_str().unwrap(), pin["after"].as_str().unwrap()),
        );
    }
    let mut out = String::new();
    let mut at = 0;
    for (start, (before, after)) in places {
        out.push_str(&text[at..start]);
        assert!(
            text[start..].starts_with(before),
            "the report names another place: {before}"
        );
        out.push_str(after);
        at = start + before.len();
    }
    out.push_str(&text[at..]);
    out
}

/// Whether unpinning gave every byte back, but for three things that it cannot know: quotes around a tag that Helm would read as a number and
/// print differently stay, an empty digest was written as null, and an override got a digest key because its chart has one.
fn is_back(text: &str, back: &str) -> bool {
    let is_empty_key = |line: &&str| {
        let value = line
            .trim()
            .strip_prefix("digest:")
            .or_else(|| line.trim().strip_prefix("sha:"));
        value.is_some_and(|value| matches!(value.trim(), "" | "null" | "~" | "\"\"" | "''"))
    };
    let rest = |text: &str| -> Vec<String> {
        text.split('\n')
            .filter(|line| !is_empty_key(line))
            .map(str::to_owned)
            .collect()
    };
    let same = |(old, new): (&String, &String)| {
        let number = new
            .split_once('"')
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(number, _)| number);
        let is_number = number.is_some_and(|number| helm_plain(number).printed() != number);
        old == new || (is_number && new.replacen('"', "", 2) == *old)
    };
    let (old, new) = (rest(text), rest(back));
    text == back || (old.len() == new.len() && old.iter().zip(&new).all(same))
}

fn corpus_in(variant: Variant) {
    let Some(corpus) = shared("corpus") else {
        return;
    };
    let registry = Registry::start();
    registry.answer_all();
    let sandbox = Sandbox::new();
    for file in files_below(&corpus) {
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        sandbox.write(file.strip_prefix(&corpus).unwrap().to_str().unwrap(), variant.of(&text));
    }
    let dir = sandbox.path();
    let mirrors = mirrors(dir, &registry.host());
    let run = |args: &[&str]| {
        json(
            dir,
            &strings(args).into_iter().chain(mirrors.clone()).collect::<Vec<_>>(),
        )
    };
    let before = texts(dir);
    let report = run(&["pin", ".", "--write", "--format", "json"]);
    let after = texts(dir);
    let mut pins: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let all = report["pins"].as_array().unwrap();
    assert_eq!(all.iter().filter(|pin| pin["status"] == "failed").count(), 0);
    for pin in all.iter().filter(|pin| pin["status"] == "pinned") {
        pins.entry(pin["file"].as_str().unwrap()).or_default().push(pin);
    }
    assert!(
        pins.values().map(Vec::len).sum::<usize>() > 3000,
        "{variant:?}: {} files",
        pins.len()
    );
    let mut overlays = 0;
    for (file, text) in &before {
        let of_file = pins.get(file.as_str()).map(Vec::as_slice).unwrap_or_default();
        let filled = of_file.iter().any(|pin| pin["before"] == "");
        let new = &after[file];
        if filled {
            let lines = |text: &str| text.split('\n').map(str::to_owned).collect::<Vec<_>>();
            let changed = lines(text)
                .iter()
                .zip(&lines(new))
                .filter(|(old, new)| old != new)
                .count();
            assert!(changed <= of_file.len(), "{variant:?}: {file}");
        } else {
            assert!(
                expected(text, of_file) == *new,
                "{variant:?}: {file} is not what the report says"
            );
        }
        // The other reader of YAML leaves merge keys as they are, and takes no key twice.
        if variant == Variant::AsIs && text != new && !text.contains("<<:") && value(text).is_some() {
            assert!(overlaid(text, new) == value(new), "the overlay of {file}");
            overlays += 1;
        }
        if !of_file.is_empty() {
            assert!(comments(text) == comments(new), "{variant:?}: the comments of {file}");
        }
    }
    assert!(variant != Variant::AsIs || overlays > 850, "{overlays} overlays");
    let again = run(&["pin", ".", "--write", "--format", "json"]);
    assert!(
        again["pins"]
            .as_array()
            .unwrap()
            .iter()
            .all(|pin| pin["status"] != "pinned"),
        "{variant:?}: not at rest"
    );
    assert!(texts(dir) == after, "{variant:?}: not at rest");
    json(dir, &strings(&["unpin", ".", "--write", "--format", "json"]));
    let back = texts(dir);
    let mut exact = 0;
    for (file, text) in before.iter().filter(|(_, text)| !text.contains("sha256:")) {
        exact += usize::from(back[file] == *text);
        let had_digest = all
            .iter()
            .any(|pin| pin["file"] == file.as_str() && pin["status"] == "already");
        assert!(
            had_digest || is_back(text, &back[file]),
            "{variant:?}: {file} is not what it was"
        );
    }
    let inexact = before.values().filter(|text| !text.contains("sha256:")).count() - exact;
    assert!(inexact <= 1, "{variant:?}: {inexact} files are not what they were");
}

#[test]
fn real_charts_change_in_their_pins_alone() {
    corpus_in(Variant::AsIs);
}

#[test]
fn real_charts_with_carriage_returns_change_in_their_pins_alone() {
    corpus_in(Variant::Crlf);
}

#[test]
fn real_charts_with_a_byte_order_mark_change_in_their_pins_alone() {
    corpus_in(Variant::Bom);
}

#[test]
fn real_charts_without_a_final_newline_change_in_their_pins_alone() {
    corpus_in(Variant::NoFinalNewline);
}

#[test]
fn real_charts_with_characters_of_many_bytes_change_in_their_pins_alone() {
    corpus_in(Variant::CheckMark);
}

/// A made-up digest of an image.
fn digest_of(reference: &str) -> String {
    let wanted = Wanted::parse(reference).unwrap().to_string();
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut hex = String::new();
    for round in 0..4_u64 {
        for byte in wanted.bytes() {
            state = (state ^ u64::from(byte) ^ round).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hex.push_str(&format!("{state:016x}"));
    }
    format!("sha256:{hex}")
}

/// How a scalar is written.
fn quoted(text: &str, style: u8) -> String {
    match style {
        0 => text.to_owned(),
        1 => format!("'{text}'"),
        _ => format!("\"{text}\""),
    }
}

/// One image in a file: its lines before, and after.
#[derive(Debug, Clone)]
struct Piece {
    shape: u8,
    name: String,
    tag: String,
    style: u8,
    comment: bool,
    indent: usize,
}

impl Piece {
    fn lines(&self, number: usize, pinned: bool) -> Vec<String> {
        let Self { name, tag, style, .. } = self;
        let repository = format!("ghcr.io/{name}");
        let reference = format!("{repository}:{tag}");
        let digest = digest_of(&reference);
        let at = |text: &str| {
            if pinned {
                format!("{text}@{digest}")
            } else {
                text.to_owned()
            }
        };
        let key = |text: String| if pinned { text } else { String::new() };
        let pad = " ".repeat(self.indent);
        let note = if self.comment { " # ✓ tag: none" } else { "" };
        let scalar = |text: &str| quoted(text, *style);
        let hex = digest.trim_start_matches("sha256:").to_owned();
        match self.shape {
            0 => vec![
                format!("s{number}:"),
                format!("{pad}image: {}{note}", scalar(&at(&reference))),
            ],
            1 => vec![
                format!("s{number}:"),
                format!("{pad}image:"),
                format!("{pad}{pad}repository: {repository}{note}"),
                format!("{pad}{pad}tag: {}{note}", scalar(&at(tag))),
            ],
            2 => vec![format!(
                "s{number}: {{image: {{repository: {repository}, tag: {}}}}}{note}",
                scalar(&at(tag))
            )],
            3 => vec![
                format!("s{number}:"),
                format!("{pad}image:"),
                format!("{pad}{pad}repository: {repository}"),
                format!("{pad}{pad}tag: {}", scalar(tag)),
                format!(
                    "{pad}{pad}digest: {}{note}",
                    quoted(&key(digest.clone()), style.max(&1).to_owned())
                ),
            ],
            4 => vec![
                format!("s{number}:"),
                format!("{pad}image:"),
                format!("{pad}{pad}registry: ghcr.io"),
                format!("{pad}{pad}repository: {name}"),
                format!("{pad}{pad}tag: {}", scalar(tag)),
                format!("{pad}{pad}sha: {}{note}", quoted(&key(hex), style.max(&1).to_owned())),
            ],
            5 => vec![
                format!("s{number}:"),
                format!("{pad}containers:"),
                format!("{pad}- name: x{note}"),
                format!("{pad}  image: {}", scalar(&at(&reference))),
            ],
            6 => vec![
                format!("s{number}: |"),
                format!("{pad}containers:"),
                format!("{pad}- image: {}", scalar(&at(&reference))),
            ],
            _ => vec![
                format!("s{number}:"),
                format!("{pad}text: \"image: {reference} ✓\"{note}"),
            ],
        }
    }
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = (
        0_u8..8,
        "[a-z]{1,6}/[a-z0-9]{1,8}",
        "v[0-9]{1,3}(\\.[0-9]{1,2}){0,2}(-[a-z]{1,4})?",
        0_u8..3,
        any::<bool>(),
        1_usize..5,
    );
    let piece = piece.prop_map(|(shape, name, tag, style, comment, indent)| Piece {
        shape,
        name,
        tag,
        style,
        comment,
        indent,
    });
    prop::collection::vec(piece, 1..12)
}

fn file(pieces: &[Piece], pinned: bool, (bom, crlf, last): (bool, bool, bool)) -> String {
    let lines: Vec<String> = pieces
        .iter()
        .enumerate()
        .flat_map(|(number, piece)| piece.lines(number, pinned))
        .collect();
    let ending = if crlf { "\r\n" } else { "\n" };
    let text = lines.join(ending);
    format!(
        "{}{text}{}",
        if bom { "\u{feff}" } else { "" },
        if last { ending } else { "" }
    )
}

fn chart(text: &str) -> Chart {
    let input = Input {
        source: Arc::new(SourceFile::new("values.yaml", text)),
        role: FileRole::Loose,
        wanted: true,
    };
    Chart::read(
        Inputs {
            files: vec![input],
            ..Inputs::default()
        },
        Finder::default(),
    )
}

fn answers(wishes: &Wishes<'_>) -> Resolutions {
    let resolved = |wanted: &Wanted| Resolved {
        digest: digest_of(&wanted.to_string()),
        media_type: media_type::OCI_INDEX.to_owned(),
        platforms: Vec::new(),
        children: Vec::new(),
        created: None,
    };
    wishes
        .questions()
        .into_iter()
        .map(|wanted| (wanted.clone(), Ok(resolved(&wanted))))
        .collect()
}

fn value(text: &str) -> Option<Value> {
    chartpin::typed::parse(text).ok()
}

/// The values of `before` with the overlay laid over them, as Helm lays them: mappings merge, anything else replaces.
fn overlaid(before: &str, after: &str) -> Option<Value> {
    fn merge(under: &mut Value, over: Value) {
        match (under, over) {
            (Value::Object(under), Value::Object(over)) => {
                for (key, value) in over {
                    merge(under.entry(key).or_insert(Value::Null), value);
                }
            }
            (under, over) => *under = over,
        }
    }
    let (old, new) = (read(&before.into()).unwrap(), read(&after.into()).unwrap());
    let mut out = value(before)?;
    if let Some(layer) = overlay(&old, &new) {
        merge(&mut out, value(&layer)?);
    }
    Some(out)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_files_change_in_their_pins_alone(pieces in pieces(), form in any::<(bool, bool, bool)>()) {
        let options = Options::default();
        let before = file(&pieces, false, form);
        let unpinned = chart(&before);
        let wishes = Wishes::of(&unpinned, &options);
        let planned = plan(&wishes, &answers(&wishes), Finder::default());
        let reasons: Vec<_> = planned.entries.iter().filter_map(|entry| entry.reason.clone()).collect();
        prop_assert!(planned.entries.iter().all(|entry| entry.status == Status::Pinned), "{reasons:?} in {before}");
        let after = planned.texts.first().map_or(before.clone(), |new| new.text.to_string());
        prop_assert_eq!(&after, &file(&pieces, true, form));
        prop_assert_eq!(overlaid(&before, &after), value(&after), "the overlay of {}", before);
        let pinned = chart(&after);
        prop_assert!(Wishes::of(&pinned, &options).questions().is_empty());
        let back = unpin(&pinned, &options, Finder::default());
        let back = back.texts.first().map_or(after.clone(), |new| new.text.to_string());
        prop_assert_eq!(back, before);
    }
}
