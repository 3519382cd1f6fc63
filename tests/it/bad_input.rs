//! Bad input: each with a clear message, no panic, and the exit code that was promised.

use std::io::Write as _;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Output, Sandbox, command};

const CHART: &str = "apiVersion: v2\nname: demo\nversion: 0.1.0\n";
const GOOD: &str = "image: registry.example.org/demo/app:1.0\n";

fn chart() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("demo/Chart.yaml", CHART);
    sandbox.write("demo/values.yaml", GOOD);
    sandbox
}

/// Asserts on the exit code and on what both streams say together.
fn expect(out: &Output, code: i32, words: &[&str]) {
    let said = format!("{}{}", out.stdout, out.stderr);
    assert_eq!(out.code, code, "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in:\n{said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_reaches_no_terminal_as_anything_but_text() {
    let sandbox = Sandbox::new();
    let name = "demo\n::error::owned \u{1b}[31m\u{202e}";
    sandbox.write(&format!("{name}/Chart.yaml"), CHART);
    sandbox.write(
        &format!("{name}/values.yaml"),
        "image: {repository: quay.io/demo/app, tag: 7.10}\npolicy: {image: \"quay.io/demo/b:1\\n::error::owned\"}\n",
    );
    let gone = format!("{name}/gone");
    let missing = format!("--config={name}/gone");
    let runs: [&[&str]; 14] = [
        &["lint"],
        &["lint", "--format", "github"],
        &["lint", "--format", "junit"],
        &["lint", "--format", "gitlab"],
        &["lint", "--format", "sarif"],
        &["lint", "--diff"],
        &["lint", &gone],
        &["lint", &missing],
        &["images"],
        &["images", "--used-by"],
        &["pin", "--locked"],
        &["verify"],
        &["unpin"],
        &["init", "--dry-run"],
    ];
    sandbox.write("chartpin.lock", r#"{"version": 1, "images": []}"#);
    for args in runs {
        let out = sandbox.run(args);
        let said = format!("{}{}", out.stdout, out.stderr);
        // The command of GitHub's that a finding is begins its line, and its text stays in it.
        let own = |line: &&str| line.starts_with("::error::") || (line.starts_with("::") && !args.contains(&"github"));
        assert_eq!(said.lines().find(own), None, "{args:?}");
        if !args.contains(&"github") {
            assert!(
                !said.contains(['\u{1b}', '\u{202e}']) || is_data(args),
                "{args:?}: {said}"
            );
        }
    }
}

/// Whether a run prints a format for programs, which keep what a name holds.
#[cfg(unix)]
fn is_data(args: &[&str]) -> bool {
    ["gitlab", "sarif"].iter().any(|format| args.contains(format))
}

#[test]
fn a_missing_path_is_named_and_the_rest_is_linted() {
    let sandbox = chart();
    sandbox.write("demo/values.yaml", "image: quay.io/demo/app:latest\n");
    let out = sandbox.run(&["lint", "nowhere", "demo"]);
    expect(&out, 2, &["`nowhere`: there is no such file or folder", "latest-tag"]);
}

#[test]
fn a_folder_without_charts_is_not_said_to_be_without_findings() {
    let sandbox = chart();
    sandbox.write("docs/page.md", "no chart\n");
    let nothing = "No file was looked at.";
    expect(
        &sandbox.run(&["lint", "docs"]),
        0,
        &["no charts and no values files below `docs`", nothing],
    );
    expect(&sandbox.run(&["lint", "nowhere"]), 2, &[nothing]);
    expect(&sandbox.run(&["lint", "docs", "demo"]), 0, &["No findings."]);
    let skipped = ["no file was looked at", "<skipped/>", "skipped=\"1\""];
    expect(&sandbox.run(&["lint", "docs", "--format", "junit"]), 0, &skipped);
    for flag in ["--config", "--baseline"] {
        expect(&sandbox.run(&["lint", "demo", flag, "."]), 2, &["`.`: it is no file"]);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_a_finding_and_the_rest_is_linted() {
    let sandbox = chart();
    std::fs::create_dir_all(sandbox.path().join("demo/values/folder.yaml")).unwrap();
    std::os::unix::fs::symlink("gone.yaml", sandbox.path().join("demo/values/link.yaml")).unwrap();
    let out = sandbox.run(&["lint", "demo", "demo/values/link.yaml"]);
    expect(&out, 2, &["`demo/values/link.yaml`: there is no such file or folder"]);
    sandbox.write("demo/values/latin.yaml", b"image: caf\xe9\n");
    let out = sandbox.run(&["lint", "demo"]);
    expect(
        &out,
        2,
        &[
            "unreadable-file",
            "`demo/values/latin.yaml`: it is not UTF-8, from byte 10 on",
            "save the file as UTF-8",
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_what_is_not_there_is_not_passed_over() {
    let sandbox = chart();
    let values = sandbox.path().join("demo/values.yaml");
    std::fs::remove_file(&values).unwrap();
    std::os::unix::fs::symlink("../gone/values.yaml", &values).unwrap();
    let said = "`demo/values.yaml`: it is a link to `../gone/values.yaml`, which is not there";
    for command in [&["lint"][..], &["images"], &["pin", "--check"], &["verify"]] {
        expect(&sandbox.run(&[command, &["demo"]].concat()), 2, &[said]);
    }
    let sandbox = chart();
    std::os::unix::fs::symlink("gone.yaml", sandbox.path().join(".chartpin.yaml")).unwrap();
    expect(
        &sandbox.run(&["lint", "demo"]),
        2,
        &[
            "`.chartpin.yaml`: it is a link to `gone.yaml`, which is not there",
            "take it away",
        ],
    );
}

#[test]
fn a_baseline_is_not_written_over_what_is_none() {
    let sandbox = chart();
    for file in ["demo/values.yaml", "demo/Chart.yaml"] {
        let before = sandbox.read(file);
        let out = sandbox.run(&["lint", "--baseline", file, "--write-baseline", "demo"]);
        expect(
            &out,
            2,
            &[&format!("`{file}` is no baseline"), "take this one away first"],
        );
        assert_eq!(sandbox.read(file), before);
    }
    let write = ["lint", "--baseline", "known.jsonl", "--write-baseline", "demo"];
    for _ in 0..2 {
        expect(&sandbox.run(&write), 0, &["to `known.jsonl`"]);
    }
    sandbox.write("known.jsonl", "");
    expect(&sandbox.run(&write), 0, &["to `known.jsonl`"]);
}

#[cfg(unix)]
#[test]
fn a_loop_of_symbolic_links_ends() {
    let sandbox = chart();
    std::os::unix::fs::symlink("..", sandbox.path().join("demo/loop")).unwrap();
    std::os::unix::fs::symlink("itself", sandbox.path().join("demo/itself")).unwrap();
    expect(&sandbox.run(&["lint", "."]), 0, &["1 image in 2 files of 1 chart"]);
}

#[test]
fn forms_of_files_are_read_or_named() {
    for (text, code, words) in [
        ("", 0, &["No findings."] as &[&str]),
        ("# nothing\n", 0, &["No findings."]),
        ("\u{feff}image: quay.io/demo/app:latest\r\n", 1, &["values.yaml:1:25"]),
        ("a: \0\n", 1, &["invalid-yaml", "reading stopped here"]),
        ("a:\n\tb: 1\n", 1, &["invalid-yaml", "values.yaml:2:2"]),
        ("a: \"open\nb: 1\n", 1, &["invalid-yaml"]),
        ("a: 'open\nimage: quay.io/demo/app:latest\n", 1, &["invalid-yaml"]),
        ("a: *nowhere\n", 1, &["invalid-yaml"]),
        ("- just\n- a list\n", 0, &["No findings."]),
        ("just text\n", 0, &["No findings."]),
    ] {
        let sandbox = chart();
        sandbox.write("demo/values.yaml", text);
        expect(&sandbox.run(&["lint", "demo"]), code, words);
    }
}

#[test]
fn what_helm_may_read_all_the_same_is_a_warning_that_names_the_place() {
    for (text, place) in [
        ("a: \"x\"# comment\n", "values.yaml:1:7"),
        ("a: \"x\ny\"\n", "values.yaml:2:1"),
    ] {
        let sandbox = chart();
        sandbox.write("demo/values.yaml", text);
        let words = [
            "invalid-yaml",
            "0 errors, 1 warning",
            place,
            "Helm may read it all the same",
        ];
        expect(&sandbox.run(&["lint", "demo"]), 1, &words);
    }
}

#[test]
fn depth_aliases_and_size_have_limits() {
    let sandbox = chart();
    sandbox.write("demo/values.yaml", "[".repeat(100_000));
    expect(&sandbox.run(&["lint", "demo"]), 1, &["nests deeper than 255 levels"]);
    let deep: String = (0..100_000)
        .map(|level| format!("{}a:\n", " ".repeat(level % 2_000)))
        .collect();
    sandbox.write("demo/values.yaml", deep.get(..8_000_000).unwrap_or(&deep));
    expect(&sandbox.run(&["lint", "demo"]), 1, &["nests deeper than 255 levels"]);
    let mut bomb = "a0: &a0 {image: quay.io/demo/app:1.0}\n".to_owned();
    for level in 1..12 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 9].join(", ");
        bomb.push_str(&format!(
            "a{level}: &a{level} [{aliases}]\nm{level}: {{<<: [{aliases}]}}\n"
        ));
    }
    sandbox.write("demo/values.yaml", bomb);
    expect(&sandbox.run(&["lint", "demo"]), 0, &["No findings."]);
    let file = std::fs::File::create(sandbox.path().join("demo/values.yaml")).unwrap();
    file.set_len(1 << 30).unwrap();
    expect(
        &sandbox.run(&["lint", "demo"]),
        2,
        &["unreadable-file", "it is larger than 16 MiB"],
    );
}

#[test]
fn many_keys_of_images_take_no_squared_time() {
    let sandbox = chart();
    let keys: String = (0..20_000)
        .map(|index| format!("k{index}Image: quay.io/demo/app{index}:1.0\n"))
        .collect();
    sandbox.write("demo/values.yaml", &keys);
    sandbox.write("demo/values/prod.yaml", &keys);
    expect(&sandbox.run(&["lint", "demo"]), 0, &["40,000 images"]);
}

/// A packaged chart of these entries.
fn package(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        let raw = &mut header.as_old_mut().name;
        raw[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn a_packaged_chart_is_linted() {
    let sandbox = Sandbox::new();
    let files: &[(&str, &[u8])] = &[
        ("demo/Chart.yaml", CHART.as_bytes()),
        ("demo/values.yaml", b"image: quay.io/demo/app:latest\n"),
        ("demo/charts/sub/Chart.yaml", b"name: sub\n"),
        ("demo/charts/sub/values.yaml", b"image: quay.io/demo/sub:latest\n"),
    ];
    sandbox.write("demo-0.1.0.tgz", package(files));
    let out = sandbox.run(&["lint", "."]);
    expect(
        &out,
        1,
        &[
            "demo-0.1.0.tgz/demo/values.yaml:1:25",
            "demo-0.1.0.tgz/demo/charts/sub/values.yaml",
            "2 charts",
        ],
    );
}

#[test]
fn a_vendored_package_is_left_to_those_who_made_it() {
    let sandbox = chart();
    sandbox.write(
        "demo/charts/sub-1.0.0.tgz",
        package(&[
            ("sub/Chart.yaml", b"name: sub\n"),
            ("sub/values.yaml", b"image: a/b:latest\n"),
        ]),
    );
    expect(&sandbox.run(&["lint", "."]), 0, &["1 chart:"]);
    expect(&sandbox.run(&["lint", "demo/charts/sub-1.0.0.tgz"]), 1, &["latest-tag"]);
}

#[test]
fn broken_and_hostile_packages_are_named() {
    let sandbox = Sandbox::new();
    let run = |bytes: &[u8]| {
        sandbox.write("demo-0.1.0.tgz", bytes);
        sandbox.run(&["lint", "demo-0.1.0.tgz"])
    };
    expect(
        &run(b"not a package"),
        2,
        &["unreadable-file", "it is no packaged chart", "helm package"],
    );
    let whole = package(&[
        ("demo/Chart.yaml", CHART.as_bytes()),
        ("demo/values.yaml", "#\n".repeat(50_000).as_bytes()),
    ]);
    expect(&run(&whole[..whole.len() / 2]), 2, &["it is no packaged chart"]);
    expect(
        &run(&package(&[("../../etc/values.yaml", b"a: 1\n")])),
        2,
        &["it holds a name that leads out of it: `../../etc/values.yaml`"],
    );
    expect(
        &run(&package(&[("/etc/values.yaml", b"a: 1\n")])),
        2,
        &["leads out of it"],
    );
    expect(
        &run(&package(&[("demo/README.md", b"hello")])),
        2,
        &["it holds no `Chart.yaml`"],
    );
    expect(&run(&ten_gibibytes()), 2, &["it unpacks to more than 100 MiB"]);
}

/// A package whose one entry says that it holds 10 GiB, and whose compressed zeros would unpack to far over the limit.
fn ten_gibibytes() -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("demo/values.yaml").unwrap();
    header.set_size(10 << 30);
    header.set_mode(0o644);
    header.set_cksum();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(header.as_bytes()).unwrap();
    for _ in 0..200 {
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn errors_of_the_configuration_show_their_line() {
    for (text, words) in [
        (
            "exlude: [a]\n",
            &[
                "unknown field `exlude`",
                ".chartpin.yaml:1:1",
                "did you mean `exclude`?",
            ] as &[&str],
        ),
        (
            "rules:\n  latest-tags: off\n",
            &[
                "there is no rule `latest-tags`",
                ".chartpin.yaml:2:3",
                "did you mean `latest-tag`?",
            ],
        ),
        (
            "rules:\n  floating-tag:\n    pattern: [a]\n",
            &[
                "unknown field `pattern`",
                ".chartpin.yaml:3:5",
                "did you mean `patterns`?",
            ],
        ),
        (
            "rules:\n  latest-tag: fatal\n",
            &["unknown variant `fatal`", ".chartpin.yaml:2:", "`warning`"],
        ),
        (
            "rules:\n  latest-tag:\n    patterns: [a]\n",
            &["unknown field `patterns`", ".chartpin.yaml:3:5"],
        ),
        (
            "[]\n",
            &[
                "invalid type: sequence, expected a mapping of settings\n",
                ".chartpin.yaml:1:1",
            ],
        ),
        (
            "pin: {mirrors: {docker.io: 3}}\n",
            &["pin.mirrors: expected a mirror or a list of mirrors\n"],
        ),
        (
            "overrides: [a]\n",
            &[
                "overrides[0]: invalid type: string \"a\"\n",
                "help: expected a mapping with `paths` and `rules`\n",
            ],
        ),
        (
            "fail-on: []\n",
            &["fail-on: invalid type: sequence, expected a string\n"],
        ),
        (
            "rules: {denied-image: {images: [3]}}\n",
            &[
                "denied-image: invalid type: integer `3`\n",
                "help: expected a mapping with `name` and `reason`\n",
            ],
        ),
        ("exclude: ['a[']\n", &["`a[` is no glob", ".chartpin.yaml:1:11"]),
        ("rules: [\n", &[".chartpin.yaml"]),
        (
            "overrides:\n  - paths: [a]\n    rules: {nope: off}\n",
            &["there is no rule `nope`", ".chartpin.yaml:3:13"],
        ),
    ] {
        let sandbox = chart();
        sandbox.write(".chartpin.yaml", text);
        let out = sandbox.run(&["lint", "demo"]);
        expect(&out, 2, words);
        assert_eq!(out.stdout, "", "{text}");
    }
}

#[test]
fn wrong_usage_is_said_with_a_suggestion() {
    let sandbox = chart();
    expect(
        &sandbox.run(&["lint", "--only", "latest-tags"]),
        2,
        &["did you mean `latest-tag`?"],
    );
    expect(&sandbox.run(&["explain", "latest"]), 2, &["did you mean `latest-tag`?"]);
    expect(
        &sandbox.run(&["lint", "--rule", "latest-tag=loud"]),
        2,
        &["a level is off, info, warning or error"],
    );
    expect(
        &sandbox.run(&["lint", "--exclude", "a["]),
        2,
        &["--exclude: `a[` is no glob"],
    );
    expect(
        &sandbox.run(&["lint", "--config", "gone.yaml"]),
        2,
        &["`gone.yaml`", "no such file"],
    );
    expect(
        &sandbox.run(&["lint", "--write-baseline", "demo"]),
        2,
        &["--write-baseline needs a file"],
    );
    expect(
        &sandbox.run(&["lint", "--baseline", "gone", "demo"]),
        2,
        &["baseline `gone`"],
    );
    sandbox.write("empty/readme.txt", "");
    expect(
        &sandbox.run(&["lint", "empty"]),
        0,
        &["no charts and no values files below `empty`\n"],
    );
    expect(
        &sandbox.run(&["lint", "--exclude", "**", "empty"]),
        0,
        &["no charts and no values files below `empty`\n"],
    );
    expect(
        &sandbox.run(&["images", "--exclude", "demo/**", "demo"]),
        0,
        &["no charts and no values files below `demo`, but for what `exclude` leaves out\n"],
    );
}

#[test]
fn ignore_comments_that_do_nothing_are_findings() {
    let sandbox = chart();
    let text = "# chartpin: ignore reason\nimage: registry.example.org/demo/app:1.0 # chartpin: ignore[latest-tags] x\nother: 1 # chartpin: ignore[latest-tag] x\n";
    sandbox.write("demo/values.yaml", text);
    let words = [
        "an ignore comment names the rules that it ignores",
        "there is no rule `latest-tags`",
        "did you mean `latest-tag`?",
        "nothing here is a finding of `latest-tag`",
    ];
    expect(&sandbox.run(&["lint", "demo"]), 1, &words);
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_left_alone_under_fix() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = chart();
    let text = "image:\n  repository: quay.io/demo/app\n  tag: 1.10\n";
    sandbox.write("demo/values.yaml", text);
    let path = sandbox.path().join("demo/values.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let out = sandbox.run(&["lint", "--fix", "demo"]);
    expect(&out, 2, &["values.yaml` is read-only: nothing is written"]);
    assert!(!out.stdout.contains("fixed"), "{}", out.stdout);
    assert_eq!(sandbox.read("demo/values.yaml"), text);
}

#[test]
fn a_reader_that_goes_away_early_is_no_error_and_no_pardon() {
    let sandbox = chart();
    let many: String = (0..5_000)
        .map(|index| format!("k{index}Image: quay.io/demo/app:latest\n"))
        .collect();
    sandbox.write("demo/values.yaml", many);
    let mut child = command(sandbox.path())
        .args(["lint", "demo"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(String::from_utf8_lossy(&out.stderr), "");
}

#[test]
fn a_helm_that_the_environment_names_wrong_is_blamed_on_the_environment() {
    let sandbox = chart();
    let mut lint = command(sandbox.path());
    let out = lint
        .args(["lint", "--render", "demo"])
        .env("HELM_BIN", "/nowhere/helm")
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(3));
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(
        said.contains("`/nowhere/helm`, which the variable `HELM_BIN` names, is no program"),
        "{said}"
    );
}
