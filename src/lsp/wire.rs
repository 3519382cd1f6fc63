//! Messages on the wire: headers, lengths, JSON. What is no message is told apart from what ends the conversation.
//!
//! Source: Language Server Protocol 3.18, "Base Protocol"; JSON-RPC 2.0.

use std::io::{self, BufRead, Read as _, Write};

use gen_lsp_types::json_rpc::Id;
use serde::Serialize;
use serde_json::Value;

/// The longest message that is read, in bytes: the largest file with every character escaped.
const MAX_BODY: u64 = 64 * 1024 * 1024;

/// The longest message that is passed over: where one claims more, its header is not believed.
const MAX_PASSED_OVER: u64 = 1 << 32;

/// The longest header, all its lines together, in bytes.
const MAX_HEADER: u64 = 8 * 1024;

/// How much of a wrong header is shown, in characters.
const SHOWN: usize = 60;

/// What a client sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Incoming {
    /// It wants an answer.
    Request { id: Id, method: String, params: Value },
    /// It wants none.
    Notification { method: String, params: Value },
    /// It answers.
    Response { id: Id, result: Result<Value, String> },
    /// No JSON, or more than is read, for this reason.
    NotJson(String),
    /// JSON that is no message; with the id, where there is one.
    NoMessage(Id),
}

/// Why a conversation cannot go on: nobody knows where the next message starts.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A line that is no header.
    #[error("`{0}` is no header of a message")]
    Header(String),
    /// No length.
    #[error("a message has no `Content-Length`")]
    NoLength,
    /// More than anybody sends.
    #[error("a message of {0} bytes is too long: {MAX_BODY} is the most")]
    TooLong(u64),
    /// The stream broke.
    #[error("cannot read from standard input: {0}")]
    Read(#[from] io::Error),
}

/// The next message; nothing where the client is gone, in the middle of a message or between two.
pub(super) fn read(input: &mut impl BufRead) -> Result<Option<Incoming>, WireError> {
    let Some(length) = read_header(input)? else {
        return Ok(None);
    };
    if length > MAX_PASSED_OVER {
        return Err(WireError::TooLong(length));
    }
    if length > MAX_BODY {
        let passed = io::copy(&mut input.by_ref().take(length), &mut io::sink())?;
        let too_long = || Incoming::NotJson(WireError::TooLong(length).to_string());
        return Ok((passed == length).then(too_long));
    }
    let mut body = Vec::new();
    let read = input.by_ref().take(length).read_to_end(&mut body)?;
    Ok((read as u64 == length).then(|| parse(&body)))
}

/// The length that a header promises; nothing where the client is gone.
fn read_header(input: &mut impl BufRead) -> Result<Option<u64>, WireError> {
    let mut left = MAX_HEADER;
    let mut length = None;
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(left).read_until(b'\n', &mut line)? as u64;
        left -= read;
        let text = String::from_utf8_lossy(&line);
        let wrong = || {
            WireError::Header(
                text.trim_end()
                    .chars()
                    .take(SHOWN)
                    .flat_map(char::escape_debug)
                    .collect(),
            )
        };
        if !line.ends_with(b"\n") {
            return if left == 0 { Err(wrong()) } else { Ok(None) };
        }
        let text = text.trim_end();
        if text.is_empty() {
            return length.map(Some).ok_or(WireError::NoLength);
        }
        let (name, value) = text.split_once(':').ok_or_else(wrong)?;
        if name.eq_ignore_ascii_case("Content-Length") {
            length = Some(value.trim().parse().map_err(|_| wrong())?);
        }
    }
}

/// What a body says.
fn parse(body: &[u8]) -> Incoming {
    let read = serde_json::from_slice(body);
    let value: Value = match read.or_else(|error| serde_json::from_slice(&whole_characters(body).ok_or(error)?)) {
        Ok(value) => value,
        Err(error) => return Incoming::NotJson(error.to_string()),
    };
    let Value::Object(mut object) = value else {
        return Incoming::NoMessage(Id::Null);
    };
    let given = object.remove("id");
    let id = given.clone().and_then(|id| serde_json::from_value(id).ok());
    let params = object.remove("params").unwrap_or_default();
    match (object.remove("method"), given, id) {
        (Some(Value::String(method)), None, _) => Incoming::Notification { method, params },
        (Some(Value::String(method)), _, Some(id)) if id != Id::Null => Incoming::Request { id, method, params },
        (None, _, Some(id)) => match (object.remove("result"), object.remove("error")) {
            (_, Some(error)) => Incoming::Response {
                id,
                result: Err(error["message"].as_str().unwrap_or_default().to_owned()),
            },
            (Some(value), None) => Incoming::Response { id, result: Ok(value) },
            (None, None) => Incoming::NoMessage(id),
        },
        (_, _, id) => Incoming::NoMessage(id.unwrap_or(Id::Null)),
    }
}

/// The body with `\ufffd` for each escaped half of a character: editors that count in UTF-16 send such while a character is typed, and a change
/// that is passed over would leave every later one in the wrong place. Nothing where there is no such half.
fn whole_characters(body: &[u8]) -> Option<Vec<u8>> {
    let unit = |at: usize| -> Option<u16> {
        let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let is_first = |unit: u16| (0xd800..0xdc00).contains(&unit);
    let is_second = |unit: u16| (0xdc00..0xe000).contains(&unit);
    let mut out = body.to_vec();
    let mut at = 0;
    while let Some(found) = body[at..].iter().position(|byte| *byte == b'\\') {
        at += found;
        at += match (unit(at), unit(at + 6)) {
            (Some(first), Some(second)) if is_first(first) && is_second(second) => 12,
            (Some(half), _) if is_first(half) || is_second(half) => {
                out[at + 2..at + 6].copy_from_slice(b"fffd");
                6
            }
            // A backslash takes the character behind it along, be it another backslash.
            _ => 2.min(body.len() - at),
        };
    }
    (out != body).then_some(out)
}

/// Writes one message, whole.
pub(super) fn write(out: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    write!(out, "Content-Length: {}\r\n\r\n", body.len())?;
    out.write_all(&body)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_all(text: &str) -> Result<Option<Incoming>, WireError> {
        read(&mut text.as_bytes())
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut wire = Vec::new();
        write(
            &mut wire,
            &json!({"jsonrpc": "2.0", "id": 7_000_000_000_i64, "method": "é"}),
        )
        .unwrap();
        let message = read(&mut wire.as_slice()).unwrap().unwrap();
        let (id, params) = (Id::Number(7_000_000_000), Value::Null);
        assert_eq!(
            message,
            Incoming::Request {
                id,
                method: "é".to_owned(),
                params
            }
        );
    }

    #[test]
    fn an_end_within_a_message_is_an_end() {
        for text in ["", "Content-Le", "Content-Length: 5\r\n", "Content-Length: 5\r\n\r\n{}"] {
            assert!(read_all(text).unwrap().is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_hides_the_next_message_is_an_error() {
        let long = "x".repeat(10_000);
        for text in [
            "GET / HTTP/1.1\n\r\n",
            "A: b\r\n\r\n",
            "Content-Length: -1\r\n\r\n",
            &long,
        ] {
            assert!(read_all(text).is_err(), "{text:?}");
        }
        let huge = read_all("Content-Length: 18446744073709551615\r\n\r\n");
        assert!(matches!(huge, Err(WireError::TooLong(_))));
    }

    #[test]
    fn json_that_is_no_message_is_told_apart() {
        assert!(matches!(parse(b"{"), Incoming::NotJson(_)));
        assert_eq!(parse(b"[]"), Incoming::NoMessage(Id::Null));
        assert_eq!(parse(br#"{"id": 3, "method": 4}"#), Incoming::NoMessage(Id::Number(3)));
        assert_eq!(parse(br#"{"id": 1.5, "method": "x"}"#), Incoming::NoMessage(Id::Null));
    }

    #[test]
    fn half_a_character_is_replaced_and_a_whole_one_is_kept() {
        let text = |body: &str| match parse(body.as_bytes()) {
            Incoming::Notification { params, .. } => params.as_str().unwrap().to_owned(),
            other => panic!("{other:?}"),
        };
        for (sent, read) in [
            (r"\ud83d", "\u{fffd}"),
            (r"\uDE00x\uD83D\ude00\\\ud83d", "\u{fffd}x😀\\\u{fffd}"),
            (r"\ud83d\ud83d\ude00\u00e9", "\u{fffd}😀é"),
            (r"\ud83d\\ude00", "\u{fffd}\\ude00"),
        ] {
            assert_eq!(
                text(&format!(r#"{{"method": "x", "params": "{sent}"}}"#)),
                read,
                "{sent}"
            );
        }
        assert!(matches!(parse(br#""\ud83d" "\"#), Incoming::NotJson(_)));
    }
}
