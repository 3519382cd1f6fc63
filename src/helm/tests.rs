//! Programs in the place of helm: some fail, some never end, some print what they should not.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use tempfile::TempDir;

use super::*;

/// A folder with a program `helm` that runs `body` in a shell.
///
/// A shell writes it, too: were it open in this process, what others start could keep it from running.
fn fake(body: &str) -> (TempDir, Helm) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("helm");
    let mut shell = Command::new("/bin/sh")
        .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(&program)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let script = format!("#!/bin/sh\n{body}\n");
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success());
    let helm = Helm::find(Some(&program)).unwrap();
    (folder, helm)
}

fn render(body: &str) -> Result<String, HelmError> {
    render_with(body, &HelmOptions::default())
}

fn render_with(body: &str, options: &HelmOptions) -> Result<String, HelmError> {
    let (folder, helm) = fake(body);
    helm.template(&folder.path().join("chart"), &[], options)
}

fn within(milliseconds: u64) -> HelmOptions {
    HelmOptions {
        timeout: Duration::from_millis(milliseconds),
        ..HelmOptions::default()
    }
}

/// Whether the process of this number is there and no zombie.
fn is_alive(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = status.rsplit_once(')').map_or("", |(_, rest)| rest.trim_start());
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn what_helm_prints_is_given_as_it_is() {
    assert_eq!(render("echo 'hello: é'; echo warning >&2").unwrap(), "hello: é\n");
    assert_eq!(render("exit 0").unwrap(), "");
}

#[test]
fn helm_gets_the_chart_the_files_and_the_options() {
    let (folder, helm) = fake("printf '%s\\n' \"$@\"");
    let options = HelmOptions {
        set: vec!["a=1,b=2".to_owned(), "-c=3".to_owned()],
        api_versions: vec!["batch/v1".to_owned()],
        kube_version: Some("1.33".to_owned()),
        ..HelmOptions::default()
    };
    let values = ["/x/values.yaml".into(), "/x/a,\"b\".yaml".into()];
    let chart = folder.path().join("chart");
    let printed = helm.template(&chart, &values, &options).unwrap();
    let given: Vec<&str> = printed.lines().collect();
    let expected = [
        "template",
        "--namespace",
        "default",
        "--values",
        "/x/values.yaml",
        "--values",
        "\"/x/a,\"\"b\"\".yaml\"",
        "--set",
        "a=1,b=2",
        "--set",
        "-c=3",
        "--api-versions",
        "batch/v1",
        "--kube-version",
        "1.33",
        "--",
        "chartpin",
        chart.to_str().unwrap(),
    ];
    assert_eq!(given, expected);
}

#[test]
fn helm_sees_no_cluster_and_no_input() {
    let printed = render("cat; echo \"$KUBECONFIG $HELM_DEBUG $HELM_NO_PLUGINS ${HELM_DRIVER-none}\"").unwrap();
    assert_eq!(printed, "/dev/null false 1 none\n");
}

#[test]
fn a_failure_is_said_in_a_line_without_control_characters() {
    let error = render("echo 'level=INFO noise' >&2; printf 'Error: values \\033[31mdo not\\n- fit\\n\\n' >&2; exit 1")
        .unwrap_err();
    assert_eq!(error.to_string(), "`helm template` failed: values  [31mdo not - fit");
    assert!(error.help().is_some());
    let advice = "Use --debug flag to render out invalid YAML";
    let error = render(&format!(
        "printf 'Error: YAML parse error\\n\\n{advice}\\n' >&2; exit 1"
    ))
    .unwrap_err();
    assert_eq!(error.to_string(), "`helm template` failed: YAML parse error");
    let error = render("exit 3").unwrap_err();
    assert_eq!(error.to_string(), "`helm template` failed: exit status: 3");
    let error = render("echo first >&2; echo last >&2; kill -SEGV $$").unwrap_err();
    assert_eq!(error.to_string(), "`helm template` failed: first last");
}

#[test]
fn the_end_of_a_long_complaint_is_kept() {
    let error = render("yes noise | head -c 3000000 >&2; echo 'Error: here' >&2; exit 1").unwrap_err();
    assert_eq!(error.to_string(), "`helm template` failed: here");
}

#[test]
fn a_helm_that_hangs_is_killed_with_what_it_started() {
    let start = Instant::now();
    let (folder, helm) = fake(
        "cd \"${0%/*}\"; sh -c 'trap \"\" TERM; echo $$ > child.part; mv child.part child; sleep 1000; sleep 1000' &\n\
         echo started; sleep 1000",
    );
    let error = helm.template(folder.path(), &[], &within(1500)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`helm template` took longer than 1.5 s and was stopped"
    );
    let child = fs::read_to_string(folder.path().join("child")).unwrap();
    // The kernel may take a moment to let it go.
    while is_alive(child.trim()) && start.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!is_alive(child.trim()));
}

#[test]
fn a_process_that_helm_leaves_behind_is_not_waited_for() {
    let start = Instant::now();
    assert_eq!(render("sleep 100 &\necho 'a: 1'").unwrap(), "a: 1\n");
    assert!(start.elapsed() < Duration::from_secs(50));
}

#[test]
fn a_helm_that_prints_without_end_is_killed() {
    let options = HelmOptions {
        max_output: 1024 * 1024,
        ..HelmOptions::default()
    };
    for body in ["yes | head -c 1073741824", "yes >&2"] {
        let error = render_with(body, &options).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`helm template` printed more than 1 MiB and was stopped"
        );
    }
    let error = render_with("head -c 1048577 /dev/zero", &options).unwrap_err();
    assert!(matches!(error, HelmError::TooLong(_)));
    let exact = render_with("head -c 1048576 /dev/zero", &options).unwrap();
    assert_eq!(exact.len(), 1_048_576);
}

#[test]
fn what_is_not_utf_8_is_an_error() {
    let error = render("printf 'ab\\377'").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`helm template` printed what is not UTF-8, from byte 2 on"
    );
}

#[test]
fn helm_is_looked_for_in_absolute_folders_of_the_search_path() {
    let (folder, helm) = fake("exit 0");
    let path = env::join_paths(["/nowhere".as_ref(), folder.path()]).unwrap();
    assert_eq!(on_path("helm", Some(&path)).as_deref(), Some(helm.program()));
    assert_eq!(on_path("helm", Some(OsStr::new("/nowhere::."))), None);
    assert_eq!(on_path("helm", None), None);
}

#[test]
fn what_is_no_program_is_not_taken_for_helm() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("helm");
    fs::write(&plain, "text").unwrap();
    for path in [plain.as_path(), folder.path(), Path::new("/nowhere/helm")] {
        let error = Helm::find(Some(path)).unwrap_err();
        assert!(matches!(error, HelmError::NoProgram(_)), "{error}");
    }
    let help = HelmError::NotInstalled.help().unwrap();
    assert!(help.contains("`--helm PATH`"));
}

#[test]
fn a_program_that_the_system_does_not_start_is_an_error() {
    let (folder, helm) = fake("exit 0");
    fs::remove_file(helm.program()).unwrap();
    let error = helm.template(folder.path(), &[], &HelmOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "cannot run `helm`: there is no such file or folder");
}
