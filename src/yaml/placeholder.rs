//! Placeholders: text that another program replaces before Helm sees the file.
//!
//! Finding them is a scan over the text; masking puts letters (or a comment) of equal length over them, so that the parser reads the rest
//! of the file and every span still holds.

use std::sync::Arc;

use crate::source::Span;

/// How many bytes one `{{ ... }}` may span; a longer one is taken for two stray pairs of braces.
const MAX_ACTION: usize = 4096;

/// Words that stand for a value which a pipeline fills in, in lower case with `-` for `_`.
const WORDS: &[&str] = &[
    "set-by-",
    "set-in-",
    "replace-me",
    "replaced-by-",
    "changeme",
    "change-me",
    "to-be-replaced",
];

/// The bytes that a placeholder can start with.
const OPENERS: [bool; 256] = {
    let mut table = [false; 256];
    table[b'{' as usize] = true;
    table[b'%' as usize] = true;
    table[b'@' as usize] = true;
    table[b'$' as usize] = true;
    table[b'_' as usize] = true;
    table
};

/// Whether the whole `text` is a word that stands for a value filled in later: `SET-IN-PIPELINE`, `set-by-chartpress`, `<tag>`, `$TAG`, `$(TAG)`.
#[must_use]
pub fn is_placeholder_word(text: &str) -> bool {
    let bracketed = text.len() > 2 && text.starts_with('<') && text.ends_with('>');
    let variable = text.strip_prefix('$').is_some_and(|name| {
        let name = name
            .strip_prefix('(')
            .map_or(name, |inner| inner.strip_suffix(')').unwrap_or(name));
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    let word = text.to_ascii_lowercase().replace('_', "-");
    bracketed || variable || WORDS.iter().any(|known| word.starts_with(known))
}

/// Every placeholder of `text`, in order and without overlap: `{{ ... }}` (over several lines too), `%%%X%%%`, `@X@`, `${X}`, `__X__`.
#[must_use]
pub fn placeholders(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(skipped) = bytes[at..].iter().position(|byte| OPENERS[usize::from(*byte)]) {
        at += skipped;
        let end = match bytes[at] {
            b'{' => action(bytes, at),
            b'%' => fenced(bytes, at, b"%%%"),
            b'@' => named(bytes, at),
            b'$' => variable(bytes, at),
            b'_' => underscored(bytes, at),
            _ => None,
        };
        match end {
            Some(end) => {
                found.push(Span::new(at, end));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn action(bytes: &[u8], at: usize) -> Option<usize> {
    if !bytes[at..].starts_with(b"{{") {
        return None;
    }
    let limit = bytes.len().min(at + MAX_ACTION);
    let inner = &bytes[at + 2..limit];
    let next = inner.windows(2).position(|pair| pair == b"}}" || pair == b"{{")?;
    (inner[next] == b'}').then_some(at + 2 + next + 2)
}

fn fenced(bytes: &[u8], at: usize, fence: &[u8]) -> Option<usize> {
    let inner = bytes[at..].strip_prefix(fence)?;
    let name = inner
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .count();
    (name > 0 && inner[name..].starts_with(fence)).then_some(at + name + 2 * fence.len())
}

fn named(bytes: &[u8], at: usize) -> Option<usize> {
    let inner = &bytes[at + 1..];
    let name = inner
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        .count();
    let opens = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    (opens && name > 0 && inner.get(name) == Some(&b'@')).then_some(at + name + 2)
}

fn variable(bytes: &[u8], at: usize) -> Option<usize> {
    let inner = bytes[at..].strip_prefix(b"${")?;
    let name = inner
        .iter()
        .take_while(|b| !matches!(b, b'}' | b'\n' | b'\r' | b'{'))
        .count();
    (name > 0 && inner.get(name) == Some(&b'}')).then_some(at + name + 3)
}

fn underscored(bytes: &[u8], at: usize) -> Option<usize> {
    let inner = bytes[at..].strip_prefix(b"__")?;
    let opens = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    if !opens {
        return None;
    }
    let name = inner
        .iter()
        .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b'_')
        .count();
    let word = &inner[..name];
    let kept = word.iter().rposition(|b| *b != b'_').map_or(0, |last| last + 1);
    (kept > 0 && name - kept >= 2).then_some(at + 2 + name)
}

/// `text` with every placeholder masked at equal length: letters where it stands in a value, a comment where it fills whole lines.
pub(super) fn mask(text: &str, placeholders: &[Span]) -> Arc<str> {
    let mut bytes = text.as_bytes().to_vec();
    for span in placeholders {
        bytes[span.range()].fill(b'x');
    }
    for span in placeholders {
        if opens_line(text, span.start) && ends_line(text, span.end, placeholders) {
            bytes[span.start] = b'#';
        }
    }
    match String::from_utf8(bytes) {
        Ok(masked) => masked.into(),
        Err(_) => text.into(),
    }
}

/// Whether nothing but white space stands before `at` in its line.
fn opens_line(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with(['\n', '\r'])
}

/// Whether nothing but placeholders and white space stands from `at` to the end of the line; what stands in a placeholder ends none.
fn ends_line(text: &str, mut at: usize, placeholders: &[Span]) -> bool {
    loop {
        let rest = &text[at..];
        at = text.len() - rest.trim_start_matches([' ', '\t']).len();
        if at == text.len() || text[at..].starts_with(['\n', '\r']) {
            return true;
        }
        match placeholders.binary_search_by_key(&at, |placeholder| placeholder.start) {
            Ok(found) => at = placeholders[found].end,
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        placeholders(text).iter().map(|span| &text[span.range()]).collect()
    }

    #[test]
    fn every_kind_is_found() {
        assert_eq!(
            found("a: {{ .x\n | y }}/z\nb: %%%IP%%%/32\nc: @TAG@\nd: ${TAG:-1}\ne: __TAG__\n"),
            ["{{ .x\n | y }}", "%%%IP%%%", "@TAG@", "${TAG:-1}", "__TAG__"]
        );
    }

    #[test]
    fn what_only_resembles_one_is_left_alone() {
        assert_eq!(
            found("me@host@x a@b.c __init__ {a: {b: 1}} 100%%% repo@sha256:aa@sha256:bb"),
            [] as [&str; 0]
        );
    }

    #[test]
    fn a_mask_keeps_every_offset() {
        let text = "{{- if .é }}\na: {{ .x }}:1 # b\n{{ end }}{{ x }}\n";
        let masked = mask(text, &placeholders(text));
        assert_eq!(masked.len(), text.len());
        assert!(
            masked.starts_with("#xxxxxxxxxxxx\na: xxxxxxxx:1 # b\n#xxxxxxxxxxxxxxx\n"),
            "{masked}"
        );
    }

    #[test]
    fn only_a_placeholder_with_nothing_else_in_its_lines_becomes_a_comment() {
        let masked = |text: &str| mask(text, &placeholders(text)).to_string();
        assert_eq!(masked("@A@ @B@\t@C@ \r\n @D@"), "#xx xxx\txxx \r\n #xx");
        assert_eq!(masked("@A@ @B@ c\na @B@\n"), "xxx xxx c\na xxx\n");
        assert_eq!(masked("{{ a }} {{ b\n}}: c\n"), "xxxxxxx xxxxxxx: c\n");
        assert_eq!(masked("{{ a }} {{ b\n}}\nc"), "#xxxxxx xxxxxxx\nc");
    }

    #[test]
    fn long_runs_of_what_opens_placeholders_hold_those_within_alone() {
        let found = |text: String| placeholders(&text).len();
        assert_eq!(found("{".repeat(100_000) + "{ a }}"), 1);
        assert_eq!(found("_".repeat(100_000)), 0);
        let line = "@A@ ".repeat(50_000);
        assert_eq!(found(line.clone()), 50_000);
        assert!(mask(&line, &placeholders(&line)).starts_with("#xx xxx xxx "));
    }

    #[test]
    fn pipeline_words_are_placeholders() {
        for word in [
            "SET-IN-PIPELINE",
            "set-by-chartpress",
            "<tag>",
            "$TAG",
            "$(IMAGE_TAG)",
            "REPLACE_ME",
        ] {
            assert!(is_placeholder_word(word), "{word}");
        }
        for word in ["v1.0", "settled", "<", "$", "latest"] {
            assert!(!is_placeholder_word(word), "{word}");
        }
    }
}
