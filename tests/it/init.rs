//! `chartpin init` on repositories of several kinds: what it says, what it writes, and that it never overwrites.

use std::path::Path;

use chartpin::config::{RuleFlags, Settings};
use chartpin::proposal::{hook_in, step_in};
use chartpin::source::SourceFile;
use serde_json::Value;

use crate::support::{Output, Sandbox, command, files_below, repository, shared};

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\n";
const CONFIGURATION: &str = ".chartpin.yaml";
const HOOK: &str = ".pre-commit-config.yaml";
const WORKFLOW: &str = ".github/workflows/chartpin.yml";

/// A repository with a chart of two images, one of which is wrong.
fn plain() -> Sandbox {
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

fn assert_done(out: &Output, code: i32) {
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
    assert!(
        out.stderr.contains(
            "is a link to `elsewhere.yaml`, which is not there: nothing is written\n  help: take the link away"
        ),
        "{}",
        out.stderr
    );
    assert!(!sandbox.path().join("elsewhere.yaml").exists());
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
fn hook_and_workflow_go_to_the_root_and_name_the_folder() {
    let sandbox = plain();
    sandbox.write("other/Chart.yaml", CHART);
    let out = sandbox.run(&["init", "charts", "--hook", "--workflow"]);
    assert_done(&out, 0);
    for said in [
        "Wrote `charts/.chartpin.yaml`",
        "Hook and workflow lie at the root of the repository, `.`, and look at `charts`.",
        "Wrote `.pre-commit-config.yaml`",
        "Wrote `.github/workflows/chartpin.yml`",
        "  chartpin lint charts --baseline charts/.chartpin-baseline.jsonl --write-baseline\n",
    ] {
        assert!(out.stdout.contains(said), "{said}:\n{}", out.stdout);
    }
    assert!(sandbox.read(HOOK).contains("          (?x)^charts/(.*/)?(\n"));
    assert!(
        sandbox
            .read(WORKFLOW)
            .ends_with("        with:\n          paths: charts\n")
    );
    let new = [".chartpin.yaml", ".pre-commit-config.yaml", ".github"];
    let charts = sandbox.path().join("charts");
    let misplaced: Vec<&str> = new.into_iter().filter(|name| charts.join(name).exists()).collect();
    assert_eq!(misplaced, [".chartpin.yaml"]);
    // What it proposes works at the root, where hook and workflow run.
    let text = sandbox.read("charts/.chartpin.yaml");
    let command = text
        .lines()
        .find_map(|line| line.strip_prefix("#   chartpin "))
        .unwrap();
    assert_done(&sandbox.run(&command.split(' ').collect::<Vec<_>>()), 0);
    sandbox.write("charts/.chartpin.yaml", text.replace("\n#baseline:", "\nbaseline:"));
    assert_done(&sandbox.run(&["lint", "charts"]), 0);
    assert_done(&sandbox.run(&["lint", "--whole-charts", "charts/demo/values.yaml"]), 0);
}

#[test]
fn names_of_folders_and_branches_are_written_as_what_they_are() {
    let sandbox = Sandbox::new();
    sandbox.write(".git/HEAD", "ref: refs/heads/release+1\n");
    sandbox.write("our charts #1 (new)/demo/Chart.yaml", CHART);
    sandbox.write("our charts #1 (new)/demo/values.yaml", "image: redis:latest\n");
    let out = sandbox.run(&["init", "our charts #1 (new)", "--hook", "--workflow"]);
    assert_done(&out, 0);
    assert!(
        out.stdout.contains("  chartpin pin 'our charts #1 (new)'\n"),
        "{}",
        out.stdout
    );
    assert!(sandbox.read(HOOK).contains(r"(?x)^our\ charts\ \#1\ \(new\)/(.*/)?("));
    let workflow: Value = chartpin::typed::parse(&sandbox.read(WORKFLOW)).unwrap();
    assert_eq!(workflow["on"]["push"]["branches"][0], r"release\+1");
    assert_eq!(
        workflow["jobs"]["lint"]["steps"][1]["with"]["paths"],
        "our charts #1 (new)"
    );
}

#[test]
fn a_configuration_above_the_folder_is_not_put_out_of_force() {
    let sandbox = plain();
    sandbox.write(CONFIGURATION, "fail-on: never\n");
    let out = sandbox.run(&["init", "charts/demo"]);
    assert_done(&out, 0);
    let said = "`.chartpin.yaml` is there for `charts/demo`, too, and stays as it is.";
    assert!(out.stdout.contains(said), "{}", out.stdout);
    assert!(!sandbox.path().join("charts/demo").join(CONFIGURATION).exists());
}

#[test]
fn the_workflow_runs_on_the_default_branch() {
    const REMOTE: &str = ".git/refs/remotes/origin/HEAD";
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[], "main"),
        (&[(".git/HEAD", "ref: refs/heads/trunk\n")], "trunk"),
        (
            &[
                (".git/HEAD", "ref: refs/heads/topic\n"),
                (".git/refs/heads/master", "0123\n"),
            ],
            "master",
        ),
        (
            &[
                (".git/HEAD", "ref: refs/heads/topic\n"),
                (".git/packed-refs", "# pack-refs\n0123 refs/remotes/origin/main\n"),
            ],
            "main",
        ),
        (
            &[
                (REMOTE, "ref: refs/remotes/origin/dev/next\n"),
                (".git/refs/heads/main", "0123\n"),
            ],
            "dev/next",
        ),
        (&[(".git/HEAD", "ref: refs/heads/.invalid\n")], "main"),
        (&[(".git/HEAD", "0123456789\n")], "main"),
    ];
    for (files, branch) in cases {
        let sandbox = plain();
        for (path, text) in files {
            sandbox.write(path, text);
        }
        let out = sandbox.run(&["init", "--workflow"]);
        assert_done(&out, 0);
        let line = format!("    branches: [{branch}]\n");
        assert!(sandbox.read(WORKFLOW).contains(&line), "{branch}: {}", out.stdout);
        let said = format!("pull requests and pushes to `{branch}`.");
        assert!(out.stdout.contains(&said), "{said}: {}", out.stdout);
    }
}

#[test]
fn a_further_working_tree_has_the_default_branch_of_the_first() {
    let sandbox = plain();
    std::fs::remove_dir_all(sandbox.path().join(".git")).unwrap();
    sandbox.write(".git", "gitdir: store/worktrees/topic\n");
    sandbox.write("store/worktrees/topic/HEAD", "ref: refs/heads/topic\n");
    sandbox.write("store/worktrees/topic/commondir", "../..\n");
    sandbox.write("store/HEAD", "ref: refs/heads/trunk\n");
    let mut init = command(sandbox.path());
    let out = init.args(["init", "charts", "--workflow"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(sandbox.read(WORKFLOW).contains("    branches: [trunk]\n"));
}

#[test]
fn what_runs_chartpin_is_told_from_what_names_it() {
    type Find = fn(&SourceFile) -> Option<(usize, String)>;
    let hook: Find = |file| hook_in(file).unwrap().map(|found| (found.line, found.what));
    let step: Find = |file| step_in(file).unwrap().map(|found| (found.line, found.what));
    let cases: [(Find, &str, Option<(usize, &str)>); 13] = [
        (hook, "", None),
        (hook, "# chartpin-lint\nrepos: []\n", None),
        (
            hook,
            "repos:\n- repo: https://github.com/example/chartpin-charts\n  rev: v1\n  hooks: [{id: other, name: chartpin}]\n",
            None,
        ),
        (
            hook,
            "\u{feff}repos:\r\n- repo: x\r\n  hooks:\r\n  - id: chartpin-lint-system\r\n",
            Some((4, "the hook `chartpin-lint-system`")),
        ),
        (
            hook,
            "- repo: local\n  hooks:\n  - id: charts\n    entry: bin/chartpin.exe lint\n",
            Some((3, "the hook `charts`")),
        ),
        (
            hook,
            "repos:\n- repo: local\n  hooks:\n  - id: charts\n    entry: ghcr.io/chartpin/chartpin:0.1.0 lint\n",
            Some((4, "the hook `charts`")),
        ),
        (
            hook,
            "repos:\n- repo: local\n  hooks:\n  - id: charts\n    entry: lint chartpin-values.yaml\n",
            None,
        ),
        (step, "name: chartpin\non: push\njobs: {}\n", None),
        (
            step,
            "jobs: {a: {steps: [{name: chartpin, run: \"# chartpin\"}]}}\n",
            None,
        ),
        (
            step,
            "jobs:\n  a:\n    steps:\n    - run: x\n    - uses: chartpin/chartpin@v1\n",
            Some((5, "a step that uses `chartpin/chartpin@v1`")),
        ),
        (
            step,
            "jobs:\n  a:\n    steps:\n    - run: |\n        pip install chartpin==1\n",
            Some((4, "a step that runs `chartpin`")),
        ),
        (
            step,
            "jobs: {a: {steps: [{run: \"out=$(chartpin lint)\"}]}}\n",
            Some((1, "a step that runs `chartpin`")),
        ),
        (step, "jobs: {a: {steps: [{run: cat .chartpin.yaml}]}}\n", None),
    ];
    for (find, text, expected) in cases {
        let expected = expected.map(|(line, what)| (line, what.to_owned()));
        assert_eq!(find(&SourceFile::new("x", text)), expected, "{text}");
    }
}

#[test]
fn a_file_that_is_there_without_chartpin_is_shown_what_to_add() {
    let sandbox = plain();
    sandbox.write(HOOK, "repos: [\n");
    sandbox.write(WORKFLOW, "name: chartpin\non: push\njobs: {}\n");
    let out = sandbox.run(&["init", "--hook", "--workflow"]);
    assert_done(&out, 1);
    for said in [
        "nobody can tell whether it has a hook that runs chartpin. Add this to its `repos`",
        "`.github/workflows/chartpin.yml` is there, and stays as it is: no step of it runs chartpin. Add the job to it",
    ] {
        assert!(out.stdout.contains(said), "{said}:\n{}", out.stdout);
    }
    assert_eq!(sandbox.read(WORKFLOW), "name: chartpin\non: push\njobs: {}\n");
    sandbox.write(
        ".github/workflows/all.yaml",
        "jobs: {a: {steps: [{uses: chartpin/chartpin@v1}]}}\n",
    );
    let out = sandbox.run(&["init", "--workflow"]);
    assert_done(&out, 0);
    let said = "`.github/workflows/all.yaml:1` has a step that uses `chartpin/chartpin@v1`, and stays as it is.";
    assert!(out.stdout.contains(said), "{}", out.stdout);
}

#[test]
fn the_hook_starts_for_the_files_of_the_manifest() {
    let sandbox = plain();
    sandbox.run(&["init", "--hook"]);
    let proposed: Value = chartpin::typed::parse(&sandbox.read(HOOK)).unwrap();
    let manifest = std::fs::read_to_string(repository().join(".pre-commit-hooks.yaml")).unwrap();
    let manifest: Value = chartpin::typed::parse(&manifest).unwrap();
    let bare = |pattern: &Value| -> String { pattern.as_str().unwrap().split_whitespace().collect() };
    let hook = &proposed["repos"][0]["hooks"][0];
    assert_eq!(bare(&hook["files"]), bare(&manifest[0]["files"]));
    for key in ["id", "name", "entry", "args", "language", "require_serial"] {
        assert_eq!(hook[key], manifest[0][key], "{key}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_folder_is_named_with_what_to_do() {
    let sandbox = plain();
    std::os::unix::fs::symlink("gone", sandbox.path().join("link")).unwrap();
    for (path, said) in [
        ("nowhere", "there is no folder `nowhere`\n  help: "),
        ("link", "`link` is a link to `gone`, which is not there\n  help: "),
        (
            "charts/demo/Chart.yaml",
            "`charts/demo/Chart.yaml` is no folder, but a file\n  help: ",
        ),
    ] {
        for command in [&["init", path][..], &["man", "--all", path]] {
            let out = sandbox.run(command);
            assert_done(&out, 2);
            assert!(out.stderr.contains(said), "{command:?}: {}", out.stderr);
        }
    }
    let out = sandbox.run(&["man", "--all", "nowhere"]);
    assert!(out.stderr.contains("`mkdir -p nowhere`"), "{}", out.stderr);
    std::os::unix::fs::symlink("gone", sandbox.path().join("chartpin.1")).unwrap();
    let out = sandbox.run(&["man", "--all", "."]);
    assert_done(&out, 2);
    assert!(
        out.stderr
            .contains("chartpin.1` is a link to `gone`, which is not there"),
        "{}",
        out.stderr
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
