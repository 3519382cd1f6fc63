//! `chartpin init` and the repository around a folder: where its files go, which branch counts, and what runs chartpin already.

use chartpin::proposal::{hook_in, step_in};
use chartpin::source::SourceFile;
use serde_json::Value;

use crate::init::{CHART, CONFIGURATION, HOOK, WORKFLOW, assert_done, plain};
use crate::support::{Sandbox, command, repository};

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
fn the_name_of_a_folder_is_no_expression_of_github() {
    let sandbox = Sandbox::new();
    sandbox.write(".git/HEAD", "ref: refs/heads/main\n");
    sandbox.write("it's ${{ x }}/demo/Chart.yaml", CHART);
    sandbox.write("it's ${{ x }}/demo/values.yaml", "image: redis:latest\n");
    assert_done(&sandbox.run(&["init", "it's ${{ x }}", "--workflow"]), 0);
    let workflow: Value = chartpin::typed::parse(&sandbox.read(WORKFLOW)).unwrap();
    assert_eq!(
        workflow["jobs"]["lint"]["steps"][1]["with"]["paths"],
        "it's ${{ '${{' }} x }}"
    );
}

#[test]
fn folders_of_others_are_left_out_whatever_their_names_mean_in_a_glob() {
    let sandbox = Sandbox::new();
    let folders = ["{{cookiecutter.slug}}/chart", "a[b", "a [x]", "c*"];
    let folders = &folders[..if cfg!(windows) { 3 } else { 4 }];
    let dependency = "dependencies:\n  - name: redis\n    version: 1.0.0\n    repository: https://charts.example.com\n";
    for folder in folders {
        sandbox.write(&format!("{folder}/Chart.yaml"), format!("{CHART}{dependency}"));
        sandbox.write(&format!("{folder}/values.yaml"), "image: quay.io/demo/a:1.2\n");
        sandbox.write(&format!("{folder}/charts/redis/Chart.yaml"), CHART);
        sandbox.write(&format!("{folder}/charts/redis/values.yaml"), "image: redis:latest\n");
    }
    assert_done(&sandbox.run(&["init"]), 0);
    let lint = sandbox.run(&["lint"]);
    assert_done(&lint, 0);
    assert!(lint.stdout.starts_with("No findings."), "{}", lint.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_no_file_can_name_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let sandbox = Sandbox::new();
    let folder = sandbox.path().join(OsStr::from_bytes(b"charts\xff"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("Chart.yaml"), CHART).unwrap();
    std::fs::write(folder.join("values.yaml"), "image: quay.io/demo/a:1.2\n").unwrap();
    let mut init = command(sandbox.path());
    let out = init.args(["init", "--hook"]).arg(&folder).output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("is not UTF-8"), "{said}");
    assert!(!sandbox.path().join(HOOK).exists());
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
    type Case = (Find, &'static str, Option<(usize, &'static str)>);
    let hook: Find = |file| hook_in(file).unwrap().map(|found| (found.line, found.what));
    let step: Find = |file| step_in(file).unwrap().map(|found| (found.line, found.what));
    let cases: [Case; 13] = [
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
