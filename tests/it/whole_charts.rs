//! `--whole-charts`: what a hook sees that is handed the files of a change.

use serde_json::Value;

use crate::support::Sandbox;

const GOOD: &str = "image:\n  repository: registry.example.com/team/app\n  tag: 1.2.3\n";
const BAD: &str = "image:\n  repository: registry.example.com/team/app\n  tag: latest\n";

/// A chart with a template that uses its image.
fn chart(sandbox: &Sandbox, dir: &str, values: &str) {
    let name = dir.rsplit('/').next().unwrap();
    sandbox.write(
        &format!("{dir}/Chart.yaml"),
        format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n"),
    );
    sandbox.write(&format!("{dir}/values.yaml"), values);
    let image = "image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n";
    sandbox.write(&format!("{dir}/templates/pod.yaml"), image);
}

/// The files with findings at or above a warning, once for each finding.
fn found(sandbox: &Sandbox, paths: &[&str]) -> Vec<String> {
    let mut args = vec!["lint", "--format", "json", "--whole-charts"];
    args.extend(paths);
    let out = sandbox.run(&args);
    let report: Value = serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {}", out.stderr));
    let findings = report["findings"].as_array().unwrap().iter();
    let serious = findings.filter(|finding| finding["severity"] != "info");
    let files: Vec<String> = serious
        .map(|finding| finding["file"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(out.code, i32::from(!files.is_empty()), "{}", out.stderr);
    files
}

#[test]
fn any_file_of_a_chart_stands_for_all_of_it() {
    let sandbox = Sandbox::new();
    chart(&sandbox, "charts/demo", BAD);
    chart(&sandbox, "charts/other", BAD);
    for path in [
        "charts/demo/values.yaml",
        "charts/demo/Chart.yaml",
        "charts/demo/templates/pod.yaml",
        "charts/demo/templates/_helpers-that-are-gone.tpl",
        "charts/demo/README.md",
        "charts/demo/crds/thing.yaml",
        "charts/demo",
        "charts/demo/templates",
        "charts/values_overrides/demo/lab.yaml",
    ] {
        assert_eq!(found(&sandbox, &[path]), ["charts/demo/values.yaml"], "{path}");
    }
    let two = ["charts/demo/values.yaml", "charts/demo/Chart.yaml"];
    assert_eq!(found(&sandbox, &two), ["charts/demo/values.yaml"], "once");
    assert_eq!(
        found(&sandbox, &["."]),
        ["charts/demo/values.yaml", "charts/other/values.yaml"],
        "a tree stays a tree"
    );
}

#[test]
fn overrides_beside_and_above_the_chart_are_parts_of_it() {
    let sandbox = Sandbox::new();
    chart(&sandbox, "suite/charts/demo", GOOD);
    for path in [
        "suite/charts/values_overrides/demo/lab.yaml",
        "suite/values_overrides/demo/test.yaml",
        "suite/charts/demo/values_overrides/own.yaml",
    ] {
        sandbox.write(path, "image:\n  tag: latest\n");
        assert_eq!(found(&sandbox, &["suite/charts/demo/Chart.yaml"]), [path]);
        std::fs::remove_file(sandbox.path().join(path)).unwrap();
    }
    sandbox.write("suite/values_overrides/another/lab.yaml", "image:\n  tag: latest\n");
    assert_eq!(found(&sandbox, &["suite/charts/demo/Chart.yaml"]), [] as [&str; 0]);
}

#[test]
fn a_chart_counts_with_those_that_carry_it_and_without_its_neighbours() {
    let sandbox = Sandbox::new();
    chart(&sandbox, "outer", BAD);
    chart(&sandbox, "outer/charts/inner", GOOD);
    chart(&sandbox, "outer/charts/neighbour", BAD);
    chart(&sandbox, "outer/examples/apart", BAD);
    assert_eq!(
        found(&sandbox, &["outer/charts/inner/values.yaml"]),
        ["outer/values.yaml"]
    );
    assert_eq!(found(&sandbox, &["outer/values.yaml"]), ["outer/values.yaml"]);
    assert_eq!(
        found(&sandbox, &["outer/examples/apart/values.yaml"]),
        ["outer/examples/apart/values.yaml"]
    );
}

#[test]
fn files_of_no_chart_are_passed_over_unless_they_are_values_files() {
    let sandbox = Sandbox::new();
    sandbox.write("notes/README.md", "nothing\n");
    sandbox.write("site/templates/page.yaml", "image: {{ nonsense\n");
    sandbox.write("site/config.yaml", BAD);
    let paths = [
        "notes/README.md",
        "site/templates/page.yaml",
        "site/config.yaml",
        "notes/gone.yaml",
    ];
    assert_eq!(found(&sandbox, &paths), [] as [&str; 0]);
    let out = sandbox.run(&[&["lint", "--whole-charts"][..], &paths].concat());
    assert_eq!(out.code, 0);
    assert_eq!(out.stderr, "chartpin: the paths are parts of no chart\n");
    sandbox.write("site/values-prod.yaml", BAD);
    assert_eq!(found(&sandbox, &["site/values-prod.yaml"]), ["site/values-prod.yaml"]);
    sandbox.write(".chartpin.yaml", "exclude: [\"site/**\"]\n");
    let out = sandbox.run(&["lint", "--whole-charts", "site/values-prod.yaml", "notes/README.md"]);
    assert_eq!(out.code, 0);
    let said = "chartpin: the paths are parts of no chart, but for what `exclude` leaves out\n";
    assert_eq!(out.stderr, said);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_passed_over_outside_of_charts_and_stands_for_its_chart_within() {
    let sandbox = Sandbox::new();
    chart(&sandbox, "charts/demo", BAD);
    for path in ["values-prod.yaml", "circle.yaml", "charts/demo/values-lab.yaml"] {
        let target = if path == "circle.yaml" { path } else { "gone.yaml" };
        std::os::unix::fs::symlink(target, sandbox.path().join(path)).unwrap();
    }
    assert_eq!(found(&sandbox, &["values-prod.yaml", "circle.yaml"]), [] as [&str; 0]);
    let all = ["values-prod.yaml", "charts/demo/values-lab.yaml"];
    assert_eq!(found(&sandbox, &all), ["charts/demo/values.yaml"]);
    assert_eq!(sandbox.run(&["lint", "values-prod.yaml"]).code, 2, "it was asked for");
}

#[test]
fn the_configuration_of_the_chart_counts_and_what_it_excludes_stays_out() {
    let sandbox = Sandbox::new();
    chart(&sandbox, "charts/demo", BAD);
    sandbox.write("charts/demo/values_overrides/lab.yaml", "image:\n  tag: latest\n");
    sandbox.write(
        ".chartpin.yaml",
        "exclude: [\"charts/demo/values.yaml\", \"site/**\"]\n",
    );
    sandbox.write("charts/demo/templates/.chartpin.yaml", "rules: {latest-tag: off}\n");
    sandbox.write("site/values.yaml", BAD);
    let paths = [
        "charts/demo/values.yaml",
        "charts/demo/templates/pod.yaml",
        "site/values.yaml",
    ];
    assert_eq!(found(&sandbox, &paths), ["charts/demo/values_overrides/lab.yaml"]);
}

#[test]
fn a_packaged_chart_in_a_chart_stands_for_that_chart() {
    let sandbox = Sandbox::new();
    chart(&sandbox, "charts/demo", BAD);
    sandbox.write("charts/demo/charts/inner-0.1.0.tgz", "no archive");
    assert_eq!(
        found(&sandbox, &["charts/demo/charts/inner-0.1.0.tgz"]),
        ["charts/demo/values.yaml"]
    );
}

#[test]
fn pinning_takes_whole_charts_too() {
    let sandbox = Sandbox::new();
    chart(&sandbox, "charts/demo", GOOD);
    chart(&sandbox, "charts/other", GOOD);
    sandbox.write("chartpin.lock", "version: 1\nimages: []\n");
    let out = sandbox.run(&[
        "pin",
        "--check",
        "--locked",
        "--whole-charts",
        "charts/demo/templates/pod.yaml",
    ]);
    assert_eq!(out.code, 3, "{}{}", out.stdout, out.stderr);
    let said = out.stdout + &out.stderr;
    assert!(
        said.contains("charts/demo/values.yaml") && !said.contains("charts/other"),
        "{said}"
    );
}
