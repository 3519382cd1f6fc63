//! `chartpin lint` as its users run it: fixes, baselines, ignore comments, configuration, formats, exit codes.

use serde_json::Value;

use crate::support::{Output, Sandbox, command, repository, same_or_bless, shared};

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\nappVersion: 1.2.3\n";

/// A chart with one finding that can be mended safely and one that needs a decision.
fn mendable() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", CHART);
    sandbox.write("demo/values.yaml", MENDABLE);
    sandbox
}

const MENDABLE: &str =
    "# Größe\r\nimage:\r\n  repository: demo/app   # the app\r\n  tag: 1.10\r\n  pullPolicy: ifNotPresent\r\n...\r\n";

fn findings(out: &Output) -> Vec<(String, u64)> {
    let report: Value =
        serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", out.stdout, out.stderr));
    let list = report["findings"].as_array().unwrap();
    list.iter()
        .map(|finding| {
            (
                finding["rule"].as_str().unwrap().to_owned(),
                finding["line"].as_u64().unwrap(),
            )
        })
        .collect()
}

fn json(sandbox: &Sandbox, more: &[&str]) -> Vec<(String, u64)> {
    let mut args = vec!["lint", "--format", "json"];
    args.extend(more);
    findings(&sandbox.run(&args))
}

fn named(rules: &[(&str, u64)]) -> Vec<(String, u64)> {
    rules.iter().map(|(rule, line)| ((*rule).to_owned(), *line)).collect()
}

#[test]
fn safe_fixes_change_their_bytes_and_nothing_else() {
    let sandbox = mendable();
    let out = sandbox.run(&["lint", "--fix", "demo"]);
    assert_eq!(out.code, 1, "{}", out.stdout);
    assert!(out.stdout.contains("2 fixed"), "{}", out.stdout);
    let expected = MENDABLE
        .replace("1.10", "\"1.10\"")
        .replace("ifNotPresent", "IfNotPresent");
    assert_eq!(sandbox.read("demo/values.yaml"), expected);
    let out = sandbox.run(&["lint", "--fix", "--unsafe", "demo"]);
    assert_eq!(out.code, 0, "{}", out.stdout);
    assert_eq!(
        sandbox.read("demo/values.yaml"),
        expected.replace("demo/app", "docker.io/demo/app")
    );
    let leftovers = std::fs::read_dir(sandbox.path().join("demo")).unwrap().count();
    assert_eq!(leftovers, 2, "a temporary file was left behind");
}

#[test]
fn nothing_is_written_without_fix() {
    let sandbox = mendable();
    let out = sandbox.run(&["lint", "--diff", "--unsafe", "demo"]);
    assert_eq!(out.code, 1);
    assert!(
        out.stdout
            .starts_with("--- a/demo/values.yaml\n+++ b/demo/values.yaml\n@@"),
        "{}",
        out.stdout
    );
    assert!(out.stdout.contains("+  tag: \"1.10\"\r\n"), "{}", out.stdout);
    sandbox.run(&["lint", "demo"]);
    assert_eq!(sandbox.read("demo/values.yaml"), MENDABLE);
}

#[test]
fn an_anchor_that_means_something_else_too_is_not_edited() {
    let sandbox = mendable();
    let text = "appName: &name sonarqube\nimage:\n  repository: *name\n  tag: \"1\"\n";
    sandbox.write("demo/values.yaml", text);
    assert_eq!(
        json(&sandbox, &["--fix", "--unsafe", "demo"]),
        named(&[("unqualified-image", 1)])
    );
    assert_eq!(sandbox.read("demo/values.yaml"), text);
}

#[test]
fn a_mode_and_a_symbolic_link_survive_a_fix() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let sandbox = mendable();
        sandbox.write("real.yaml", MENDABLE);
        let real = sandbox.path().join("real.yaml");
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        let link = sandbox.path().join("demo/values.yaml");
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("../real.yaml", &link).unwrap();
        sandbox.run(&["lint", "--fix", "demo/values.yaml"]);
        assert!(link.symlink_metadata().unwrap().file_type().is_symlink());
        assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(sandbox.read("real.yaml").contains("\"1.10\""));
    }
}

#[test]
fn a_baseline_lets_a_repository_start_today() {
    let sandbox = mendable();
    let wrote = sandbox.run(&["lint", "--baseline", "known.jsonl", "--write-baseline", "demo"]);
    assert_eq!((wrote.code, wrote.stdout.as_str()), (0, ""), "{}", wrote.stderr);
    assert!(
        wrote.stderr.contains("wrote 3 findings to `known.jsonl`"),
        "{}",
        wrote.stderr
    );
    let out = sandbox.run(&["lint", "--baseline", "known.jsonl", "demo"]);
    assert_eq!(out.code, 0, "{}", out.stdout);
    assert!(out.stdout.contains("3 in the baseline"), "{}", out.stdout);
    sandbox.write(
        "demo/values.yaml",
        format!(
            "other: {{image: quay.io/demo/new:latest}}\r\n{}",
            MENDABLE.replace("1.10", "v1")
        ),
    );
    let expected = named(&[("latest-tag", 1), ("stale-baseline", 2)]);
    assert_eq!(json(&sandbox, &["--baseline", "known.jsonl", "demo"]), expected);
    sandbox.write(".chartpin.yaml", "baseline: known.jsonl\n");
    assert_eq!(json(&sandbox, &["demo"]), expected);
}

#[test]
fn a_baseline_is_known_from_any_folder() {
    let sandbox = mendable();
    let file = "demo/known.jsonl";
    let wrote = sandbox.run(&["lint", "--baseline", file, "--write-baseline", "demo"]);
    assert_eq!(wrote.code, 0, "{}", wrote.stderr);
    let text = sandbox.read(file);
    assert!(text.contains("{\"file\":\"values.yaml\","), "{text}");
    sandbox.write("demo/.chartpin.yaml", "baseline: known.jsonl\n");
    sandbox.write("other/README.md", "");
    for (folder, path) in [(".", "demo"), ("demo", "."), ("other", "../demo")] {
        let run = |args: &[&str]| {
            let mut command = command(&sandbox.path().join(folder));
            let out = command.args(["lint", path]).args(args).output().unwrap();
            (out.status.code(), String::from_utf8(out.stdout).unwrap())
        };
        let (code, said) = run(&[]);
        assert_eq!(code, Some(0), "{folder}: {said}");
        assert!(said.contains("3 in the baseline"), "{folder}: {said}");
        assert_eq!(run(&["--write-baseline"]).0, Some(0));
        assert_eq!(sandbox.read(file), text, "{folder}");
    }
    // What is gone is told from what was not looked at, from another folder, too.
    sandbox.write("demo/values.yaml", "");
    sandbox.write(
        "other/chart/Chart.yaml",
        "apiVersion: v2\nname: other\nversion: 0.1.0\n",
    );
    sandbox.write("other/chart/values.yaml", "");
    let all = ["--baseline", "demo/known.jsonl", "--no-config"];
    let said = sandbox.run(&[&["lint", "other"][..], &all].concat()).stdout;
    assert!(!said.contains("stale-baseline"), "{said}");
    let said = sandbox.run(&[&["lint", "demo"][..], &all].concat()).stdout;
    assert!(
        said.contains("of `non-string-tag` in `values.yaml` that is gone"),
        "{said}"
    );
}

#[test]
fn ignore_comments_cover_a_line_a_node_or_a_file() {
    let sandbox = mendable();
    let lint = |text: &str| {
        sandbox.write("demo/values.yaml", text);
        json(&sandbox, &["demo"])
    };
    let latest = "image: quay.io/demo/app:latest";
    assert_eq!(lint(&format!("{latest} # chartpin: ignore[latest-tag] demo\n")), []);
    assert_eq!(
        lint(&format!(
            "# chartpin: ignore[latest-tag, floating-tag] demo\nweb:\n  {latest}\n"
        )),
        named(&[("unused-ignore", 1)])
    );
    assert_eq!(
        lint(&format!(
            "# chartpin: ignore[latest-tag]\nweb:\n  {latest}\n  b:\n    {latest}\nother:\n  {latest}\n"
        )),
        named(&[("latest-tag", 7)])
    );
    assert_eq!(
        lint(&format!(
            "# chartpin: ignore-file[latest-tag] demo\n---\na: 1\nweb:\n  {latest}\n"
        )),
        []
    );
    let late = format!("a: 1\n# chartpin: ignore-file[latest-tag]\n{latest}\n");
    assert_eq!(lint(&late), named(&[("unused-ignore", 2), ("latest-tag", 3)]));
    assert_eq!(
        lint(&format!(
            "list:\n  # chartpin: ignore[latest-tag]\n  - name: a\n    {latest}\n  - {latest}\n"
        )),
        named(&[("latest-tag", 5)])
    );
}

#[test]
fn the_nearest_configuration_counts_and_its_paths_are_its_own() {
    let sandbox = mendable();
    sandbox.write("demo/values.yaml", "image: demo/app:latest\n");
    sandbox.write("demo/values/prod.yaml", "image: demo/app:latest\n");
    sandbox.write(".chartpin.yaml", "rules:\n  unqualified-image: off\n  latest-tag: info\noverrides:\n  - paths: ['demo/values/**']\n    rules: {latest-tag: off}\n");
    assert_eq!(json(&sandbox, &["demo"]), named(&[("latest-tag", 1)]));
    assert_eq!(sandbox.run(&["lint", "demo"]).code, 0);
    assert_eq!(sandbox.run(&["lint", "--fail-on", "info", "demo"]).code, 1);
    let inside = crate::support::command(&sandbox.path().join("demo"))
        .args(["lint", "--format", "json"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&inside.stdout).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(json(&sandbox, &["--no-config", "demo"]).len(), 4);
    assert_eq!(json(&sandbox, &["--rule", "latest-tag=off", "demo"]), []);
    assert_eq!(
        json(&sandbox, &["--exclude", "demo/values/**", "--no-config", "demo"]).len(),
        2
    );
    sandbox.write("demo/.chartpin.yaml", "exclude: [values.yaml, 'values/**']\n");
    assert_eq!(json(&sandbox, &["demo"]), []);
}

#[test]
fn files_are_found_where_charts_keep_them() {
    let sandbox = Sandbox::new();
    let image = "image: quay.io/demo/app:latest\n";
    for chart in ["alpha", "charts/beta"] {
        sandbox.write(&format!("{chart}/Chart.yaml"), CHART);
        sandbox.write(&format!("{chart}/values.yaml"), "a: 1\n");
    }
    let read = [
        "alpha/values-prod.yaml",
        "alpha/values.dev.yml",
        "alpha/values/a/b.yaml",
        "alpha/ci/my-values.yaml",
        "alpha/templates/values.yaml",
        "values_overrides/alpha/feature.yaml",
        "values_overrides/beta/feature.yaml",
        "elsewhere/values.yaml",
    ];
    for path in read {
        sandbox.write(path, image);
    }
    for path in [
        "alpha/other.yaml",
        "alpha/ci/notes.yaml",
        "ignored/values.yaml",
        "alpha/skipped/values.yaml",
        "alpha/values.schema.yaml",
    ] {
        sandbox.write(path, image);
    }
    sandbox.write(".gitignore", "ignored/\nalpha/values.yaml\n");
    sandbox.write("alpha/.helmignore", "skipped/\n");
    sandbox.write("alpha/values.yaml", image);
    let out = sandbox.run(&["lint", "--format", "json", "."]);
    let report: Value = serde_json::from_str(&out.stdout).unwrap();
    let mut files: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["file"].as_str().unwrap())
        .collect();
    files.dedup();
    let mut expected = read.to_vec();
    expected.push("alpha/values.yaml");
    expected.sort_unstable();
    assert_eq!(files, expected);
    assert_eq!(
        json(&sandbox, &["alpha/other.yaml"]),
        named(&[("latest-tag", 1)]),
        "an explicit file is always read"
    );
    assert_eq!(json(&sandbox, &["--include", "alpha/other.yaml", "alpha"]).len(), 9);
}

#[test]
fn overrides_are_laid_over_the_defaults_also_when_they_are_linted_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", CHART);
    sandbox.write("demo/values.yaml", "image: {repository: demo/app, tag: v1}\nimages:\n  tags: {demo_db_sync: 'quay.io/demo/app:1'}\n  pull_policy: Always\n");
    sandbox.write(
        "values_overrides/demo/a.yaml",
        "image: {tag: latest}\nimages:\n  tags: {demo_api: 'quay.io/demo/api:1'}\nmanifests: {job_db_init: true}\n",
    );
    let expected = named(&[
        ("latest-tag", 1),
        ("unknown-override-key", 3),
        ("missing-image-key", 4),
        ("missing-image-key", 4),
    ]);
    assert_eq!(json(&sandbox, &["values_overrides/demo/a.yaml"]), expected);
    let images = sandbox.run(&["images", "--format", "json", "values_overrides"]);
    let report: Value = serde_json::from_str(&images.stdout).unwrap();
    assert_eq!(report["images"][0]["reference"], "demo/app:latest");
    assert_eq!(report["images"][0]["state"], "fragment");
    assert_eq!(report["images"][0]["chart"], "demo");
}

#[test]
fn every_format_holds_every_finding() {
    let sandbox = mendable();
    let lint = |format: &str| sandbox.run(&["lint", "--format", format, "demo"]).stdout;
    let sarif: Value = serde_json::from_str(&lint("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 3);
    assert_eq!(
        sarif["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
        "docker.io/"
    );
    let gitlab: Value = serde_json::from_str(&lint("gitlab")).unwrap();
    assert_eq!(gitlab.as_array().unwrap().len(), 3);
    assert_eq!(gitlab[1]["location"]["lines"]["begin"], 4);
    let github = lint("github");
    assert_eq!(github.lines().count(), 3);
    assert!(
        github.starts_with(
            "::error file=demo/values.yaml,line=3,endLine=3,col=15,endColumn=23,title=unqualified-image::"
        ),
        "{github}"
    );
    let junit = lint("junit");
    assert!(junit.contains("tests=\"3\" skipped=\"0\" failures=\"3\""), "{junit}");
    for format in ["human", "json", "sarif", "github", "gitlab", "junit", "html"] {
        assert_eq!(sandbox.run(&["lint", "--format", format, "demo"]).code, 1, "{format}");
    }
}

#[test]
fn sarif_fits_its_schema() {
    let version = std::process::Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--filter-platform",
            host,
        ])
        .current_dir(repository())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let package = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    // One pattern of the official schema has a bracket that only lax readers of regular expressions take for a letter.
    let schema = schema.replace("{2}]?$", r"{2}\\]?$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sandbox = mendable();
    sandbox.write("demo/values/odd name é.yaml", "image: quay.io/demo/app:latest\n");
    let report: Value = serde_json::from_str(&sandbox.run(&["lint", "--format", "sarif", "demo"]).stdout).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(errors, [] as [String; 0]);
    assert!(report.to_string().contains("demo/values/odd%20name%20%C3%A9.yaml"));
}

#[test]
fn schemas_are_shipped_and_the_outputs_fit_them() {
    let sandbox = mendable();
    for (of, args) in [
        ("lint", vec!["lint", "--format", "json", "demo"]),
        ("images", vec!["images", "--format", "json", "demo"]),
        ("pin", vec!["pin", "--format", "json", "--timeout", "0", "demo"]),
        ("verify", vec!["verify", "--format", "json", "--timeout", "0", "demo"]),
    ] {
        let schema = sandbox.run(&["schema", of]).stdout;
        same_or_bless(std::path::Path::new(&format!("schemas/{of}.json")), &schema);
        let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        let report: Value = serde_json::from_str(&sandbox.run(&args).stdout).unwrap();
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, [] as [String; 0], "{of}");
    }
    let schema = sandbox.run(&["schema", "config"]).stdout;
    same_or_bless(std::path::Path::new("schemas/config.json"), &schema);
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(validator.is_valid(
        &serde_json::json!({"rules": {"floating-tag": {"severity": "off", "patterns": ["x"]}, "latest-tag": "error"}})
    ));
    assert!(!validator.is_valid(&serde_json::json!({"rules": {"nope": "off"}})));
    assert!(!validator.is_valid(&serde_json::json!({"rules": {"latest-tag": {"patterns": []}}})));
}

#[test]
fn colours_are_for_terminals_or_for_those_who_ask() {
    let sandbox = mendable();
    assert!(!sandbox.run(&["lint", "demo"]).stdout.contains('\u{1b}'));
    assert!(
        sandbox
            .run(&["lint", "--color", "always", "demo"])
            .stdout
            .contains('\u{1b}')
    );
    let forced = crate::support::command(sandbox.path())
        .args(["lint", "demo"])
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(forced.stdout.contains(&0x1b));
}

#[test]
fn what_a_file_says_cannot_command_the_terminal() {
    let sandbox = mendable();
    sandbox.write(
        "demo/values.yaml",
        "image: \"quay.io/demo/\u{202e}app:latest\"\nother: {image: 'quay.io/demo/App\u{9b}31m:1'}\n",
    );
    let out = sandbox.run(&["lint", "demo"]).stdout + &sandbox.run(&["images", "demo"]).stdout;
    assert!(!out.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{out}");
}

#[test]
fn openstack_helm_has_the_errors_that_it_is_known_to_have() {
    let Some(root) = shared("corpus/openstack__openstack-helm") else {
        return;
    };
    let out = crate::support::command(&root)
        .args(["lint", "--no-config", "--format", "json", "."])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let errors = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "error");
    let errors: Vec<String> = errors
        .map(|finding| {
            format!(
                "{} {}:{}",
                finding["rule"].as_str().unwrap(),
                finding["file"].as_str().unwrap(),
                finding["line"]
            )
        })
        .collect();
    let expected = [
        "missing-image-key ceilometer/values.yaml:1654",
        "missing-pull-policy cert-rotation/values.yaml:14",
        "latest-tag elasticsearch/values.yaml:31",
        "unqualified-image ldap/values.yaml:68",
        "unqualified-image ldap/values.yaml:69",
        "latest-tag libvirt/values.yaml:33",
        "latest-tag redis/values.yaml:22",
        "unqualified-image values_overrides/libvirt/vexxhost_exporter.yaml:5",
        "latest-tag values_overrides/libvirt/vexxhost_exporter.yaml:5",
    ];
    assert_eq!(errors, expected);
    assert_eq!(report["summary"]["templated"], 0);
    assert_eq!(
        report["summary"]["rules"]["invalid-yaml"],
        Value::Null,
        "netpol files are read in spite of their placeholders"
    );
    assert_eq!(out.status.code(), Some(1));
}
