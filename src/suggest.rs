//! "Did you mean": the nearest of the names that exist. The one home of strsim.

/// How alike two names must be, from 0 to 1.
const ALIKE: f64 = 0.85;

/// The candidate most like `name`, if one is alike enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_name_and_noise_none() {
        assert_eq!(nearest("exlude", ["include", "exclude", "rules"]), Some("exclude"));
        assert_eq!(nearest("zzz", ["include", "exclude"]), None);
    }
}
