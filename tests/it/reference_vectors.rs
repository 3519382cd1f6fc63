//! References against the answers of the distribution project's own parser.

use chartpin::reference::Reference;

use crate::support::shared;

#[test]
fn every_reference_reads_as_the_distribution_project_reads_it() {
    let Some(path) = shared("vectors/references.jsonl") else {
        return;
    };
    let mut checked = 0;
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let input = case["input"].as_str().unwrap();
        let got = Reference::parse(input);
        if case["error"].is_string() {
            assert!(got.is_err(), "{input} must be refused: {}", case["error"]);
        } else {
            let got = got.unwrap_or_else(|error| panic!("{input}: {error}"));
            let name = format!(
                "{}/{}",
                case["domain"].as_str().unwrap(),
                case["path"].as_str().unwrap()
            );
            assert_eq!(got.normalized_name(), name, "{input}");
            assert_eq!(got.tag(), case["tag"].as_str(), "{input}");
            assert_eq!(got.digest(), case["digest"].as_str(), "{input}");
        }
        checked += 1;
    }
    assert_eq!(checked, 205);
}
