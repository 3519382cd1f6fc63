//! Reports that are written into files, beside the one on standard output.

use std::path::PathBuf;

use clap::ValueEnum;

/// How the names of files end that charts are made of; no report is one of them.
const PARTS: [&str; 8] = [
    ".yaml",
    ".yml",
    ".tpl",
    ".tgz",
    ".helmignore",
    "Chart.lock",
    "requirements.lock",
    "values.schema.json",
];

/// A report that goes into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile<F> {
    /// How to report.
    pub format: F,
    /// Where to.
    pub path: PathBuf,
}

/// Reads `FORMAT=FILE`.
pub(super) fn report_file<F: ValueEnum>(text: &str) -> Result<ReportFile<F>, String> {
    let (format, path) = text.split_once('=').ok_or("write FORMAT=FILE")?;
    let format = F::from_str(format, false).map_err(|_| {
        let names = F::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|name| format!("`{}`", name.get_name())).collect();
        format!("there is no format `{format}`: it is one of {}", names.join(", "))
    })?;
    if path.is_empty() {
        return Err("say where to: FORMAT=FILE".to_owned());
    }
    if path == "-" {
        return Err("`-` is no file: `--format` says what goes to standard output".to_owned());
    }
    if PARTS.iter().any(|ending| path.ends_with(ending)) {
        return Err(format!(
            "`{path}` may be a part of a chart: give the report another ending"
        ));
    }
    Ok(ReportFile {
        format,
        path: PathBuf::from(path),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::LintFormat;

    fn read(text: &str) -> Result<ReportFile<LintFormat>, String> {
        report_file(text)
    }

    #[test]
    fn a_report_has_a_format_and_a_file_that_is_no_part_of_a_chart() {
        let expected = ReportFile {
            format: LintFormat::Sarif,
            path: PathBuf::from("out/a=b.sarif"),
        };
        assert_eq!(read("sarif=out/a=b.sarif"), Ok(expected));
        for (text, says) in [
            ("sarif", "FORMAT=FILE"),
            ("sarif=", "say where"),
            ("sarif=-", "standard output"),
            ("xml=x", "`junit`"),
            ("json=charts/demo/values.yaml", "a part of a chart"),
            ("json=charts/demo/Chart.lock", "a part of a chart"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
