//! `--report FORMAT=FILE`: what one run writes into files, beside what it prints.

use serde_json::Value;

use crate::registry::{Image, Registry};
use crate::support::{Sandbox, command};

fn chart(image: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.1.0\n");
    sandbox.write("demo/values.yaml", format!("image: {image}\n"));
    sandbox
}

#[test]
fn lint_writes_each_report_as_a_run_in_that_format_prints_it() {
    let sandbox = chart("quay.io/demo/app:latest");
    let formats = ["human", "json", "sarif", "github", "gitlab", "junit", "html"];
    let mut args = vec!["lint".to_owned(), "demo".to_owned()];
    for format in formats {
        args.extend(["--report".to_owned(), format!("{format}=report.{format}")]);
    }
    let out = sandbox.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(out.code, 1, "{}", out.stderr);
    assert_eq!(
        out.stdout,
        sandbox.run(&["lint", "demo"]).stdout,
        "standard output stays what it is"
    );
    for format in formats {
        let printed = sandbox.run(&["lint", "demo", "--format", format]).stdout;
        assert_eq!(sandbox.read(&format!("report.{format}")), printed, "{format}");
    }
    let again = sandbox.run(&["lint", "demo", "--fail-on", "never", "--report=json=report.json"]);
    assert_eq!(again.code, 0, "an older report is replaced: {}", again.stderr);
}

#[test]
fn registries_are_asked_once_for_all_reports() {
    let registry = Registry::start();
    let image = Image::index("app", &["linux/amd64"]);
    registry.put("org/app", "1", &image);
    let sandbox = chart(&format!("{}/org/app:1", registry.host()));
    let once = [
        "--format",
        "json",
        "--report",
        "sarif=report.sarif",
        "--report",
        "json=report.json",
    ];
    let pin = sandbox.run(&[&["pin", "demo", "--check", "--no-cache"][..], &once].concat());
    assert_eq!(pin.code, 1, "{}", pin.stderr);
    assert_eq!(sandbox.read("report.json"), pin.stdout);
    assert!(sandbox.read("report.sarif").contains(&image.digest()));
    let report: Value = serde_json::from_str(&pin.stdout).unwrap();
    assert_eq!(report["requests"], 1);
    assert_eq!(sandbox.run(&["pin", "demo", "--write"]).code, 0);
    registry.put("org/app", "1", &Image::index("newer", &["linux/amd64"]));
    let verify = sandbox.run(&[&["verify", "demo"][..], &once].concat());
    assert_eq!(verify.code, 1, "{}", verify.stderr);
    assert_eq!(sandbox.read("report.json"), verify.stdout);
    let sarif: Value = serde_json::from_str(&sandbox.read("report.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
}

#[test]
fn a_report_takes_the_place_of_nothing_that_a_chart_is_made_of() {
    let sandbox = chart("quay.io/demo/app:1.2");
    for command in ["lint", "pin", "verify"] {
        let out = sandbox.run(&[command, "demo", "--report", "json=demo/values.yaml"]);
        assert_eq!(out.code, 2);
        assert!(out.stderr.contains("may be a part of a chart"), "{}", out.stderr);
    }
    assert_eq!(sandbox.read("demo/values.yaml"), "image: quay.io/demo/app:1.2\n");
    let out = sandbox.run(&["lint", "demo", "--report", "json=demo"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("the place of `demo`"), "{}", out.stderr);
}

#[test]
fn a_folder_for_reports_is_missed_before_anything_is_done() {
    let sandbox = chart("quay.io/demo/app:7.10\nside:\n  image: {repository: quay.io/demo/b, tag: 7.10}");
    let report = ["--report", "json=no where/report.json"];
    for command in [
        &["lint", "demo", "--fix"][..],
        &["pin", "demo", "--write"],
        &["verify", "demo"],
    ] {
        let before = sandbox.read("demo/values.yaml");
        let out = sandbox.run(&[command, &report].concat());
        assert_eq!((out.code, out.stdout.as_str()), (2, ""), "{}", out.stderr);
        assert!(out.stderr.contains("there is no folder `no where`"), "{}", out.stderr);
        assert!(out.stderr.contains("`mkdir -p 'no where'`"), "{}", out.stderr);
        assert_eq!(sandbox.read("demo/values.yaml"), before);
    }
}

#[test]
fn what_cannot_be_written_keeps_nobody_from_what_was_found() {
    let sandbox = chart("quay.io/demo/app:latest");
    std::fs::create_dir(sandbox.path().join("report.json")).unwrap();
    let out = sandbox.run(&["lint", "demo", "--report", "json=report.json"]);
    assert_eq!(out.code, 2);
    assert!(out.stdout.starts_with("latest-tag"), "{}", out.stdout);
    assert!(
        out.stderr.contains("`report.json` is there, and is no file"),
        "{}",
        out.stderr
    );
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_killed_run_left_beside_a_report_goes() {
    let sandbox = chart("quay.io/demo/app:1.2");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let host: String = host.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    let left = format!("reports/.chartpin-{host}-4294967295-a1B2c3.tmp");
    sandbox.write(&left, "half a rep");
    sandbox.write("reports/.chartpin-notes.tmp", "somebody's own");
    assert_eq!(
        sandbox
            .run(&["lint", "demo", "--report", "json=reports/report.json"])
            .code,
        0
    );
    assert!(!sandbox.path().join(left).exists());
    assert_eq!(sandbox.read("reports/.chartpin-notes.tmp"), "somebody's own");
}

#[test]
fn a_report_takes_the_place_of_nothing_else_that_the_run_needs() {
    let sandbox = chart("quay.io/demo/app:latest");
    let baseline = ["lint", "demo", "--baseline", "known.jsonl"];
    assert_eq!(sandbox.run(&[&baseline[..], &["--write-baseline"]].concat()).code, 0);
    sandbox.write("notes.txt", "image: quay.io/demo/app:latest\n");
    sandbox.write("own.conf", "baseline: known.jsonl\n");
    let known = sandbox.read("known.jsonl");
    let cases: [(&[&str], &str); 7] = [
        (&["lint", "demo", "--baseline", "known.jsonl"], "known.jsonl"),
        (&["lint", "demo", "--config", "own.conf"], "./known.jsonl"),
        (&["lint", "demo", "--config", "own.conf"], "demo/../own.conf"),
        (&["lint", "notes.txt"], "notes.txt"),
        (&["verify", "notes.txt"], "notes.txt"),
        (&["pin", "demo", "--lock"], "chartpin.lock"),
        (&["pin", "demo", "--overlay", "over.txt"], "over.txt"),
    ];
    for (run, file) in cases {
        let out = sandbox.run(&[run, &["--report", &format!("json={file}")]].concat());
        assert_eq!(out.code, 2, "{run:?}: {}", out.stderr);
        let said = format!("the report would take the place of `{file}`");
        assert!(out.stderr.contains(&said), "{run:?}: {}", out.stderr);
    }
    assert_eq!(sandbox.read("known.jsonl"), known);
    assert_eq!(sandbox.read("notes.txt"), "image: quay.io/demo/app:latest\n");
    let twice = ["--report", "json=report", "--report", "sarif=demo/../report"];
    let out = sandbox.run(&[&["lint", "demo"][..], &twice].concat());
    assert_eq!(out.code, 2);
    let said = "two reports would be written to `demo/../report`";
    assert!(out.stderr.contains(said), "{}", out.stderr);
    assert!(!sandbox.path().join("report").exists(), "{}", out.stdout);
}

#[test]
fn a_reader_who_leaves_early_changes_neither_reports_nor_exit_codes() {
    let sandbox = chart("quay.io/demo/app:latest");
    for args in [&["lint", "demo"][..], &["verify", "demo"], &["pin", "demo", "--locked"]] {
        sandbox.write("chartpin.lock", r#"{"version": 1, "images": []}"#);
        let whole = sandbox.run(args);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut early = command(sandbox.path());
        early.args(args).args(["--report", "sarif=report.sarif"]).stdout(writer);
        let early = early.output().unwrap();
        assert_eq!(early.status.code(), Some(whole.code), "{args:?}");
        assert_eq!(String::from_utf8(early.stderr).unwrap(), whole.stderr, "{args:?}");
        assert!(sandbox.read("report.sarif").contains("\"runs\""), "{args:?}");
        std::fs::remove_file(sandbox.path().join("report.sarif")).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_output_that_is_full_takes_no_report_along() {
    let sandbox = chart("quay.io/demo/app:latest");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut lint = command(sandbox.path());
    lint.args(["lint", "demo", "--report", "json=report.json"]).stdout(full);
    let out = lint.output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(said.contains("cannot write to standard output"), "{said}");
    assert!(sandbox.read("report.json").contains("latest-tag"));
}
