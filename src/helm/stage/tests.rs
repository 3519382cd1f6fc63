//! Charts with dependencies, links and new texts, and their copies.

use super::*;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// A `Chart.yaml` with these dependencies, each a name and a repository.
fn chart(name: &str, dependencies: &[(&str, &str)]) -> String {
    let entries = dependencies
        .iter()
        .map(|(name, repository)| format!("- {{name: {name}, version: 1.0.0, repository: \"{repository}\"}}\n"));
    format!(
        "apiVersion: v2\nname: {name}\nversion: 1.0.0\ndependencies:\n{}",
        entries.collect::<String>()
    )
}

fn failure(folder: &TempDir, name: &str) -> String {
    let error = stage(&folder.path().join(name), &[]).unwrap_err();
    let root = folder.path().to_str().unwrap().to_owned();
    let help = error.help().unwrap_or_default();
    format!("{error}; {help}").replace(&root, "")
}

#[test]
fn a_chart_is_copied_with_new_texts_and_deleted_again() {
    let source = folder(&[
        ("web/Chart.yaml", "name: web\n"),
        ("web/values.yaml", "a: 1\n"),
        ("web/overrides/x.yaml", "a: 2\n"),
        ("web/templates/a.yaml", "a: {{ .Values.a }}\n"),
        ("web/.git/config", ""),
        ("shared/values.yaml", "a: 3\n"),
        ("shared/other.yaml", "a: 4\n"),
    ]);
    let path = |below: &str| source.path().join(below);
    let texts = [
        (path("web/values.yaml"), Arc::from("a: 10\n")),
        (path("web/overrides/x.yaml"), Arc::from("a: 20\n")),
        (path("shared/values.yaml"), Arc::from("a: 30\n")),
        (path("web/new/y.yaml"), Arc::from("a: 40\n")),
    ];
    let staged = stage(&path("web"), &texts).unwrap();
    for (original, new) in &texts {
        let copy = staged.path_of(original);
        assert_ne!(&copy, original);
        assert_eq!(text(&copy), **new);
    }
    assert_eq!(
        staged.path_of(&path("web/values.yaml")),
        staged.chart().join("values.yaml")
    );
    assert_eq!(staged.path_of(&path("shared/other.yaml")), path("shared/other.yaml"));
    assert_eq!(text(&staged.chart().join("templates/a.yaml")), "a: {{ .Values.a }}\n");
    assert!(!staged.chart().join(".git").exists());
    assert_eq!(text(&path("web/values.yaml")), "a: 1\n");
    let said = format!("cannot read {}", staged.path_of(&texts[2].0).display());
    let expected = format!("cannot read {}", texts[2].0.display());
    assert_eq!(staged.with_original_names(&said), expected);
    let copy = staged.chart();
    drop(staged);
    assert!(!copy.exists());
}

#[test]
fn a_path_that_leads_out_of_the_chart_is_beside_it() {
    let source = folder(&[("web/Chart.yaml", "name: web\n"), ("x.yaml", "a: 1\n")]);
    let path = source.path().join("web/../x.yaml");
    let staged = stage(&source.path().join("web"), &[(path.clone(), Arc::from("a: 2\n"))]).unwrap();
    assert_eq!(text(&staged.path_of(&path)), "a: 2\n");
    assert!(staged.path_of(&path).starts_with(staged.folder.path().join("beside")));
}

#[test]
fn local_dependencies_are_copied_with_their_own_and_with_new_texts() {
    let source = folder(&[
        (
            "web/Chart.yaml",
            &chart("web", &[("side", "file://../side"), ("side", "file://../side")]),
        ),
        ("side/Chart.yaml", &chart("side", &[("base", "file://../lib/base/")])),
        ("side/values.yaml", "a: 1\n"),
        ("lib/base/Chart.yaml", "name: base\n"),
    ]);
    let values = source.path().join("side/values.yaml");
    let staged = stage(&source.path().join("web"), &[(values.clone(), Arc::from("a: 2\n"))]).unwrap();
    let charts = staged.chart().join("charts");
    assert_eq!(text(&charts.join("side/values.yaml")), "a: 2\n");
    assert_eq!(text(&charts.join("side/charts/base/Chart.yaml")), "name: base\n");
    assert_eq!(text(&staged.path_of(&values)), "a: 2\n");
}

#[test]
fn what_is_in_charts_already_is_not_copied_again() {
    let remote = "https://example.org/charts";
    let source = folder(&[
        (
            "web/Chart.yaml",
            &chart(
                "web",
                &[("a", remote), ("b", remote), ("c", "file://../nowhere"), ("d", "")],
            ),
        ),
        ("web/charts/a-1.2.3.tgz", ""),
        ("web/charts/b/Chart.yaml", &chart("b", &[("deep", remote)])),
        ("web/charts/other/Chart.yaml", "name: c\n"),
        ("web/charts/d-v1.0.0.tgz", ""),
    ]);
    let staged = stage(&source.path().join("web"), &[]).unwrap();
    assert!(staged.chart().join("charts/a-1.2.3.tgz").exists());
    assert!(!staged.chart().join("charts/c").exists());
}

#[test]
fn a_dependency_that_is_not_there_is_an_error_that_says_what_to_run() {
    let source = folder(&[
        (
            "web/Chart.yaml",
            &chart("web", &[("redis", "https://example.org/charts")]),
        ),
        ("web/charts/redis-cluster-1.0.0.tgz", ""),
        ("old/Chart.yaml", "name: old\n"),
        ("old/requirements.yaml", "dependencies:\n- name: redis\n"),
        ("none/Chart.yaml", &chart("none", &[("x", "file://../x")])),
        ("odd/Chart.yaml", &chart("odd", &[("../x", "file://../web")])),
    ]);
    assert_eq!(
        failure(&source, "web"),
        "the dependency `redis` of `/web` comes from `https://example.org/charts` and is not in `charts/`; \
         run `helm dependency build /web` first"
    );
    assert_eq!(
        failure(&source, "old"),
        "the dependency `redis` of `/old` is not in `charts/`, and names no repository; put the chart `redis` into `charts/`"
    );
    assert!(
        failure(&source, "none").starts_with("the dependency `x` of `/none` comes from `/x`, where no `Chart.yaml` is")
    );
    assert!(failure(&source, "odd").contains("has the name `../x`"));
}

#[test]
fn charts_that_depend_on_each_other_are_refused() {
    let source = folder(&[
        ("a/Chart.yaml", &chart("a", &[("b", "file://../b")])),
        ("b/Chart.yaml", &chart("b", &[("a", "file://../a")])),
    ]);
    assert!(failure(&source, "a").starts_with("`/a` depends on itself"));
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert!(
        failure(&folder(&[]), "web").starts_with("cannot copy `/web` to render it: there is no such file or folder")
    );
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_and_their_files_get_new_texts() {
        let source = folder(&[
            ("web/Chart.yaml", "name: web\n"),
            ("shared/v.yaml", "a: 1\n"),
            ("shared/w.yaml", "a: 1\n"),
        ]);
        symlink("../shared/v.yaml", source.path().join("web/values.yaml")).unwrap();
        symlink("../shared", source.path().join("web/more")).unwrap();
        let real = source.path().join("shared/v.yaml");
        let staged = stage(&source.path().join("web"), &[(real, Arc::from("a: 2\n"))]).unwrap();
        assert_eq!(text(&staged.chart().join("values.yaml")), "a: 2\n");
        assert_eq!(text(&staged.chart().join("more/v.yaml")), "a: 2\n");
        assert_eq!(text(&staged.chart().join("more/w.yaml")), "a: 1\n");
        assert!(!staged.chart().join("values.yaml").is_symlink());
    }

    #[test]
    fn links_in_circles_to_devices_and_to_nowhere_are_refused() {
        for (target, said) in [
            (".", "leads back to a folder"),
            ("/dev/zero", "is neither a file nor a folder"),
            ("nowhere", "there is no such file"),
        ] {
            let source = folder(&[("web/Chart.yaml", "name: web\n")]);
            symlink(target, source.path().join("web/link")).unwrap();
            let failure = failure(&source, "web");
            assert!(failure.contains(said), "{failure}");
        }
    }

    #[test]
    fn a_file_without_end_is_too_large() {
        let source = folder(&[("web/Chart.yaml", "name: web\n")]);
        let sparse = fs::File::create(source.path().join("web/large")).unwrap();
        sparse.set_len(201 * 1024 * 1024).unwrap();
        assert!(failure(&source, "web").starts_with("`/web` holds more than 200 MiB or 50000 files"));
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look_into_a_copy_and_those_of_ended_runs_go() {
    use std::os::unix::fs::PermissionsExt as _;

    let source = folder(&[("demo/Chart.yaml", &chart("demo", &[]))]);
    let staged = stage(&source.path().join("demo"), &[]).unwrap();
    let mode = fs::metadata(staged.folder.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let name = staged.folder.path().file_name().unwrap().to_str().unwrap();
    let process = format!("-{}-", std::process::id());
    let (_, word) = name.split_once(&process).unwrap();

    let temporary = tempfile::tempdir().unwrap();
    // No process has a number like this one.
    let names = [
        name.to_owned(),
        name.replace(&process, "-4294967295-"),
        format!("chartpin-{word}"),
    ];
    for name in &names {
        fs::create_dir_all(temporary.path().join(name).join("chart")).unwrap();
    }
    STAGED.sweep(temporary.path());
    let left = names.map(|name| temporary.path().join(name).exists());
    assert_eq!(left, [true, cfg!(not(target_os = "linux")), true]);
}
