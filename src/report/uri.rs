//! Percent-encoding (RFC 3986, section 2.1), for the formats that hold URIs. Knows none of them.

use std::fmt::Write as _;

/// A text as a part of a URI: letters, digits, `-._~` and what `kept` names stay as they are, and every other byte is `%` and two digits.
pub(super) fn percent_encoded(text: &str, kept: &[u8]) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            out.push(byte.into());
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_format_does_not_keep_is_encoded_byte_by_byte() {
        assert_eq!(percent_encoded("a-._~9", b""), "a-._~9");
        assert_eq!(percent_encoded("ä b/c:d", b"/"), "%C3%A4%20b/c%3Ad");
    }
}
