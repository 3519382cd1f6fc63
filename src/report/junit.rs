//! JUnit XML: a suite a file, a case a finding. The one home of quick-junit.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::snippet::one_line;
use super::{Outcome, ReportError};

pub(super) fn render(outcome: &Outcome) -> Result<String, ReportError> {
    let mut report = Report::new("chartpin");
    for file in outcome.findings.chunk_by(|a, b| a.file == b.file) {
        let mut suite = TestSuite::new(one_line(&file[0].file));
        for finding in file {
            let (start, _) = outcome.place(finding);
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(one_line(&finding.message));
            status.set_type(finding.severity.as_str());
            if let Some(help) = &finding.help {
                status.set_description(one_line(help));
            }
            let name = format!("{}:{}: {}", start.line, start.column, finding.rule);
            let mut case = TestCase::new(name, status);
            case.set_classname(one_line(&file[0].file));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    if outcome.findings.is_empty() {
        let mut suite = TestSuite::new("chartpin lint");
        // A case that passed would say that something was looked at.
        suite.add_test_case(if outcome.files == 0 {
            TestCase::new("no file was looked at", TestCaseStatus::skipped())
        } else {
            TestCase::new("no findings", TestCaseStatus::success())
        });
        report.add_test_suite(suite);
    }
    report.to_string().map_err(ReportError::new)
}
