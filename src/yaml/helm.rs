//! What Helm reads of a scalar: the YAML 1.1 types of Go's sigs.k8s.io/yaml, and the text that a template prints of them.
//!
//! Source: the resolver of the YAML library below sigs.k8s.io/yaml (version 2 rules) and Go's `%v` for a `float64`, which is what a number
//! from a values file becomes.

use super::tree::{NodeId, Scalar, Style, Tree};
use crate::source::Span;

/// A scalar as Helm sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum HelmScalar {
    /// No value.
    Null,
    /// `true`, `yes`, `on` and their kin.
    Bool(bool),
    /// Any number: Helm keeps no integers apart.
    Number(f64),
    /// Text.
    Text(String),
}

impl HelmScalar {
    /// The text that `{{ .Values.x }}` prints; null prints nothing in a reference that a chart composes.
    #[must_use]
    pub fn printed(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => print_float(*value),
            Self::Text(text) => text.clone(),
        }
    }
}

/// What Helm reads of `scalar`.
#[must_use]
pub fn helm_scalar(scalar: &Scalar<'_>) -> HelmScalar {
    let is_text = match scalar.yaml_tag {
        None => scalar.style != Style::Plain,
        Some(tag) => !matches!(tag, "!!int" | "!!float" | "!!bool" | "!!null"),
    };
    if is_text {
        return HelmScalar::Text(scalar.value.to_owned());
    }
    if scalar.is_null() {
        return HelmScalar::Null;
    }
    let text = scalar.value;
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            return HelmScalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            return HelmScalar::Bool(false);
        }
        _ => {}
    }
    number(text).map_or_else(|| HelmScalar::Text(text.to_owned()), HelmScalar::Number)
}

/// What Helm reads of `text` where it stands without quotes.
#[must_use]
pub fn helm_plain(text: &str) -> HelmScalar {
    helm_scalar(&Scalar {
        value: text,
        style: Style::Plain,
        yaml_tag: None,
        span: Span::default(),
    })
}

impl Tree {
    /// What Helm prints of the scalar under `key` of the mapping at `id`; nothing where it is null or blank.
    #[must_use]
    pub fn printed(&self, id: NodeId, key: &str) -> Option<String> {
        let printed = helm_scalar(&self.scalar(self.get(id, key)?)?).printed();
        (!printed.is_empty()).then_some(printed)
    }
}

fn number(text: &str) -> Option<f64> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| float(&plain))
}

/// Go's `strconv.ParseInt(s, 0, 64)`, whose base is in the prefix; `0b` and `0o` are read with a sign, too.
#[expect(clippy::cast_precision_loss, reason = "Helm holds every number as a float64")]
fn integer(text: &str) -> Option<f64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = if let Some(hex) = lower.strip_prefix("0x") {
        (16, hex)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        (2, binary)
    } else if let Some(octal) = lower.strip_prefix("0o") {
        (8, octal)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, lower.as_str())
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    let value = value as f64;
    Some(if negative { -value } else { value })
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, finite.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mantissa_end = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(mantissa_end);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let has_digits = if whole.is_empty() { mantissa.len() > 1 } else { true };
    let exponent_ok = exponent.is_empty() || {
        let power = exponent[1..].strip_prefix(['-', '+']).unwrap_or(&exponent[1..]);
        !power.is_empty() && digits(power)
    };
    if !has_digits || !digits(whole) || !digits(fraction) || !exponent_ok {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Go's `%v` of a `float64`: the shortest digits that read back, with an exponent below 1e-4 and from 1e6 on.
fn print_float(value: f64) -> String {
    let shortest = format!("{value:e}");
    let Some((mantissa, exponent)) = shortest.split_once('e') else {
        return shortest;
    };
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&power) {
        return format!("{value}");
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn printed(value: &str) -> String {
        let scalar = Scalar {
            value,
            style: Style::Plain,
            yaml_tag: None,
            span: Span::empty(0),
        };
        helm_scalar(&scalar).printed()
    }

    #[test]
    fn plain_scalars_print_as_helm_prints_them() {
        for (text, expected) in [
            ("1.10", "1.1"),
            ("1e3", "1000"),
            ("5.", "5"),
            ("0x1f", "31"),
            ("0o17", "15"),
            ("+1", "1"),
            ("0123", "83"),
            ("089", "89"),
            ("007", "7"),
            ("1_000", "1000"),
            ("1__0", "10"),
            ("0b11", "3"),
            ("yes", "true"),
            ("off", "false"),
            ("100000000", "1e+08"),
            ("20240115", "2.0240115e+07"),
            ("123456", "123456"),
            ("0e1234", "0"),
            ("0.00001", "1e-05"),
            ("1e1000", "1e1000"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("~", ""),
            ("2024-01-15", "2024-01-15"),
            ("1:30", "1:30"),
            ("v1.2", "v1.2"),
            ("1.2.3", "1.2.3"),
            (".", "."),
            ("-", "-"),
            ("1_0.5", "10.5"),
        ] {
            assert_eq!(printed(text), expected, "{text}");
        }
    }

    #[test]
    fn quotes_make_text() {
        let scalar = Scalar {
            value: "1.10",
            style: Style::SingleQuoted,
            yaml_tag: None,
            span: Span::empty(0),
        };
        assert_eq!(helm_scalar(&scalar), HelmScalar::Text("1.10".to_owned()));
    }

    #[test]
    fn tags_say_what_a_scalar_is() {
        let text = "text: !!str 1.10\nown: !mine 1.10\nbare: ! 1.10\nnumber: !!int \"7\"\nfloat: !!float 1.10\nnone:\n";
        let tree = crate::yaml::read(&text.into()).unwrap();
        let printed = |key: &str| tree.printed(tree.root().unwrap(), key);
        for (key, wanted) in [
            ("text", "1.10"),
            ("own", "1.10"),
            ("bare", "1.10"),
            ("number", "7"),
            ("float", "1.1"),
        ] {
            assert_eq!(printed(key).as_deref(), Some(wanted), "{key}");
        }
        assert_eq!(printed("none"), None);
    }
}
