//! Durations as people type them: `90`, `90s`, `5m`, `2h`, `1d`.

use std::time::Duration;

/// The longest duration, in seconds.
const LONGEST: u64 = 365 * 86_400;

/// Reads a duration; a number alone counts seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let help = || "a duration is a number with s, m, h or d behind it, such as 90s or 5m".to_owned();
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(help()),
    };
    let number: u64 = number.parse().map_err(|_| help())?;
    let seconds = number.checked_mul(seconds).filter(|seconds| *seconds <= LONGEST);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| "a duration is at most 365d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, seconds) in [
            ("0", 0),
            ("90", 90),
            ("90s", 90),
            ("5m", 300),
            ("2h", 7200),
            ("1d", 86_400),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "s", "5 m", "5min", "-1", "1.5h", "99999999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
