//! `chartpin init` on repositories of several kinds: what it says, what it writes, and that it never overwrites.

use std::path::Path;

use chartpin::config::{RuleFlags, Settings};
use serde_json::Value;

use crate::support::{Output, Sandbox, command, files_below, repository, shared};

pub(crate) const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\n";
pub(crate) const CONFIGURATION: &str = ".chartpin.yaml";
pub(crate) const HOOK: &str = ".pre-commit-config.yaml";
pub(crate) const WORKFLOW: &str = ".github/workflows/chartpin.yml";

/// A repository with a chart of two images, one of which is wrong.
pub(crate) fn plain() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("charts/demo/Chart.yaml", CHART);
    sandbox.write(
        "charts/demo/values.yaml",
        "image: quay.io/demo/a:1.2\nsidecar:\n  image: redis:latest\n",
    );
    sandbox
}

/// A chart that carries one of another, and one of its own.
fn umbrella() -> Sandbox {
    let sandbox = Sandbox::new();
    let dependencies = "dependencies:\n  - name: theirs\n    version: 1.0.0\n    repository: https://charts.example.com\n  - name: ours\n    version: 1.0.0\n    repository: file://charts/ours\n";
    sandbox.write("stack/Chart.yaml", format!("{CHART}{dependencies}"));
    for name in ["theirs", "ours"] {
        sandbox.write(&format!("stack/charts/{name}/Chart.yaml"), CHART.replace("demo", name));
        sandbox.write(
            &format!("stack/charts/{name}/values.yaml"),
            format!("image: quay.io/{name}/a:latest\n"),
        );
    }
    sandbox
}

fn files(sandbox: &Sandbox) -> Vec<String> {
    let files = files_below(sandbox.path());
    let below = files
        .iter()
        .map(|path| path.strip_prefix(sandbox.path()).unwrap().to_str().unwrap().to_owned());
    below.filter(|path| !path.starts_with(".git/")).collect()
}

/// The configuration with all its proposals turned on.
fn accepted(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
        // The lines below a proposal are indented behind their `#`.
        Some(rest) if rest.starts_with("  ") && !rest.starts_with("   chartpin") => format!("{rest}\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

fn is_valid(text: &str) {
    Settings::read(text, &RuleFlags::default()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(repository().join("schemas/config.json")).unwrap()).unwrap();
    let value: Value = chartpin::typed::parse(text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, [] as [String; 0], "{text}");
}

pub(crate) fn assert_done(out: &Output, code: i32) {
    assert_eq!(out.code, code, "{}{}", out.stdout, out.stderr);
}

#[test]
fn it_says_what_it_found_and_writes_a_configuration_that_works() {
    let sandbox = plain();
    let out = sandbox.run(&["init"]);
    assert_done(&out, 0);
    for line in [
        "2 images in 1 chart",
        "  1  docker.io",
        "  1  quay.io",
        "  1  latest-tag",
        "  1  unqualified-image",
    ] {
        assert!(out.stdout.lines().any(|said| said == line), "{line}:\n{}", out.stdout);
    }
    let text = sandbox.read(CONFIGURATION);
    is_valid(&text);
    is_valid(&accepted(&text));
    assert!(
        accepted(&text).contains("\nbaseline: .chartpin-baseline.jsonl\n"),
        "{text}"
    );
    assert!(
        accepted(&text).contains("      - name: \"quay.io\" # 1 image\n"),
        "{text}"
    );
    assert_eq!(
        files(&sandbox),
        [CONFIGURATION, "charts/demo/Chart.yaml", "charts/demo/values.yaml"]
    );
    assert_eq!(
        sandbox.run(&["lint"]).code,
        1,
        "the configuration changes nothing by itself"
    );
}

#[test]
fn what_it_proposes_does_what_it_says() {
    let sandbox = plain();
    sandbox.run(&["init"]);
    let text = sandbox.read(CONFIGURATION);
    let command = text
        .lines()
        .find_map(|line| line.strip_prefix("#   chartpin "))
        .unwrap();
    assert_done(&sandbox.run(&command.split(' ').collect::<Vec<_>>()), 0);
    let with_baseline = text.replace("\n#baseline:", "\nbaseline:");
    assert_ne!(text, with_baseline);
    sandbox.write(CONFIGURATION, with_baseline);
    assert_done(&sandbox.run(&["lint"]), 0);
    sandbox.write(CONFIGURATION, accepted(&text));
    let out = sandbox.run(&["lint"]);
    assert!(out.stdout.contains("unpinned-image"), "{}", out.stdout);
    assert!(
        !out.stdout.contains("allowed-registries"),
        "all registries of today are allowed: {}",
        out.stdout
    );
}

#[test]
fn charts_of_others_are_left_out() {
    let sandbox = umbrella();
    let out = sandbox.run(&["init"]);
    assert_done(&out, 0);
    assert!(out.stdout.starts_with("1 image in 2 charts\n"), "{}", out.stdout);
    assert!(out.stdout.contains("\n  stack/charts/theirs\n"), "{}", out.stdout);
    assert!(
        sandbox
            .read(CONFIGURATION)
            .contains("exclude:\n  - \"stack/charts/theirs/**\"\n")
    );
    let images = sandbox.run(&["images"]).stdout;
    assert!(
        images.contains("quay.io/ours/a") && !images.contains("quay.io/theirs/a"),
        "{images}"
    );
}

#[test]
fn a_second_run_changes_nothing() {
    let sandbox = plain();
    let flags = ["init", "--hook", "--workflow"];
    assert_done(&sandbox.run(&flags), 0);
    let before: Vec<String> = [CONFIGURATION, HOOK, WORKFLOW].map(|path| sandbox.read(path)).to_vec();
    let out = sandbox.run(&flags);
    assert_done(&out, 0);
    for said in [
        "`.chartpin.yaml` is there, and stays as it is.",
        "`.pre-commit-config.yaml:4` has the hook `chartpin-lint`, and stays as it is.",
        "`.github/workflows/chartpin.yml:19` has a step that uses `chartpin/chartpin@v",
    ] {
        assert!(out.stdout.contains(said), "{said}:\n{}", out.stdout);
    }
    assert_eq!(
        [CONFIGURATION, HOOK, WORKFLOW].map(|path| sandbox.read(path)).to_vec(),
        before
    );
}

#[test]
fn hook_and_workflow_are_shown_and_written_on_request() {
    let sandbox = plain();
    let out = sandbox.run(&["init"]);
    assert!(
        out.stdout.contains("      - id: chartpin-lint\n") && out.stdout.contains("actions/checkout"),
        "{}",
        out.stdout
    );
    assert!(!sandbox.path().join(HOOK).exists() && !sandbox.path().join(WORKFLOW).exists());
    assert_done(&sandbox.run(&["init", "--hook", "--workflow"]), 0);
    for path in [HOOK, WORKFLOW] {
        let value: Value = chartpin::typed::parse(&sandbox.read(path)).unwrap();
        assert!(value.is_object(), "{path}");
    }
}

#[test]
fn what_is_there_is_never_overwritten() {
    let sandbox = plain();
    let old = "repos:\n  - repo: local\n    hooks: []\n";
    sandbox.write(HOOK, old);
    sandbox.write(CONFIGURATION, "fail-on: error # ours\n");
    let out = sandbox.run(&["init", "--hook"]);
    assert_done(&out, 1);
    let said = "`.pre-commit-config.yaml` is there, and stays as it is: no hook of it runs chartpin. Add this to its `repos`, a hook that lints the charts of a \
                commit:\n\n      - repo: local\n";
    assert!(out.stdout.contains(said), "{}", out.stdout);
    assert_eq!(sandbox.read(HOOK), old);
    assert_eq!(sandbox.read(CONFIGURATION), "fail-on: error # ours\n");
    assert_eq!(sandbox.run(&["init"]).code, 0, "the hook is not asked for");
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_not_written_through() {
    let sandbox = plain();
    std::os::unix::fs::symlink("elsewhere.yaml", sandbox.path().join(CONFIGURATION)).unwrap();
    let out = sandbox.run(&["init"]);
    assert_done(&out, 2);
    let said = "is a link to `elsewhere.yaml`, which is not there\n  help: mend the link, or take it away";
    assert!(out.stderr.contains(said), "{}", out.stderr);
    assert!(!sandbox.path().join("elsewhere.yaml").exists());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_neither_read_nor_written() {
    let sandbox = plain();
    let pipe = sandbox.path().join(HOOK);
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    std::fs::create_dir_all(sandbox.path().join(WORKFLOW)).unwrap();
    for _ in 0..2 {
        let out = sandbox.run(&["init", "--hook", "--workflow"]);
        assert_done(&out, 2);
        assert!(out.stderr.contains("is there, and is no file"), "{}", out.stderr);
        // The pipe was met first; with a file in its place, the folder is.
        let _ = std::fs::remove_file(&pipe);
    }
}

#[test]
fn what_is_written_is_said_though_another_file_cannot_be() {
    let sandbox = plain();
    sandbox.write(".github", "no folder\n");
    let out = sandbox.run(&["init", "--workflow"]);
    assert_done(&out, 2);
    assert!(
        out.stderr.contains(WORKFLOW) && out.stderr.contains(".github` is no folder"),
        "{}",
        out.stderr
    );
    assert!(out.stdout.contains("Wrote `.chartpin.yaml`"), "{}", out.stdout);
}

#[test]
fn a_dry_run_writes_nothing_and_shows_the_configuration() {
    let sandbox = plain();
    let before = files(&sandbox);
    let out = sandbox.run(&["init", "--dry-run", "--hook", "--workflow"]);
    assert_done(&out, 0);
    assert!(out.stdout.contains("    fail-on: warning\n"), "{}", out.stdout);
    assert_eq!(files(&sandbox), before);
}

#[test]
fn the_root_of_the_repository_is_set_up_from_below_it() {
    let sandbox = plain();
    let out = command(&sandbox.path().join("charts/demo"))
        .arg("init")
        .output()
        .unwrap();
    assert!(out.status.success());
    assert!(sandbox.path().join(CONFIGURATION).exists());
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(
        said.contains("Wrote `../../.chartpin.yaml`") && said.contains("Next, in `../..`:"),
        "{said}"
    );
    let sandbox = plain();
    assert_done(&sandbox.run(&["init", "charts/demo"]), 0);
    assert!(
        sandbox.path().join("charts/demo").join(CONFIGURATION).exists(),
        "the path is taken as it is"
    );
}

#[test]
fn it_works_outside_of_a_repository() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("Chart.yaml"), CHART).unwrap();
    std::fs::write(dir.path().join("values.yaml"), "image: quay.io/demo/a:1.2\n").unwrap();
    let out = command(dir.path()).args(["init", "--hook"]).output().unwrap();
    assert_eq!(out.status.code(), Some(0));
    assert!(dir.path().join(CONFIGURATION).exists() && dir.path().join(HOOK).exists());
    let said = String::from_utf8(out.stdout).unwrap();
    let expected = "No git repository is around `.`: pre-commit and GitHub read what follows at the root of one alone.";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn without_a_chart_nothing_is_written() {
    let sandbox = Sandbox::new();
    sandbox.write("README.md", "nothing here\n");
    let out = sandbox.run(&["init", "--hook", "--workflow"]);
    assert_done(&out, 2);
    assert_eq!(out.stdout, "");
    assert!(out.stderr.contains("nothing is written"), "{}", out.stderr);
    assert_eq!(files(&sandbox), ["README.md"]);
    assert_done(&sandbox.run(&["init", "nowhere"]), 2);
}

#[test]
fn real_repositories_get_configurations_that_work() {
    let Some(corpus) = shared("corpus") else { return };
    for name in [
        "airshipit__maas",
        "aws__eks-charts",
        "goharbor__harbor-helm",
        "traefik__traefik-helm-chart",
    ] {
        let out = run_dry(&corpus.join(name));
        let text: String = out
            .split("the configuration:\n\n")
            .nth(1)
            .unwrap()
            .lines()
            .map_while(configured)
            .collect();
        is_valid(&text);
        is_valid(&accepted(&text));
    }
}

fn run_dry(folder: &Path) -> String {
    let out = command(folder).args(["init", "--dry-run", "."]).output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8_lossy(&out.stderr).into_owned(),
    );
    assert!(
        matches!(out.status.code(), Some(0 | 3)),
        "{}: {stderr}",
        folder.display()
    );
    stdout
}

/// A line of the configuration as `--dry-run` shows it; nothing behind its end.
fn configured(line: &str) -> Option<String> {
    if line.is_empty() {
        return Some("\n".to_owned());
    }
    line.strip_prefix("    ").map(|line| format!("{line}\n"))
}
