//! Helpers that answer, refuse, fail, and never end.

use std::ffi::OsStr;
use std::time::Instant;

use super::fixture::Folder;
use super::*;

fn ask(body: &str) -> Answer {
    ask_within(body, LIMIT)
}

fn ask_within(body: &str, limit: Duration) -> Answer {
    let folder = Folder::new();
    folder.helper("test", body);
    helpers(&folder, limit).ask("test", "quay.io")
}

fn helpers(folder: &Folder, limit: Duration) -> Helpers {
    Helpers {
        limit,
        ..Helpers::new(Some(folder.search_path()))
    }
}

#[test]
fn a_helper_is_asked_for_the_server_on_its_input() {
    let folder = Folder::new();
    folder.helper(
        "test",
        r#"echo "{\"ServerURL\":\"$server\",\"Username\":\"me\",\"Secret\":\"word\"}""#,
    );
    let answer = helpers(&folder, LIMIT).ask("test", "quay.io:443").unwrap();
    let password = Secret::new("word");
    assert_eq!(
        answer,
        Some(Credential::Basic {
            username: "me".to_owned(),
            password
        })
    );
    assert_eq!(folder.asked(), ["get quay.io:443"]);
}

#[test]
fn the_user_name_token_means_an_identity_token() {
    let answer = ask(r#"echo '{"Username":"<token>","Secret":"long"}'"#).unwrap();
    assert_eq!(answer, Some(Credential::IdentityToken(Secret::new("long"))));
}

#[test]
fn a_helper_that_finds_nothing_says_so_on_either_stream() {
    assert_eq!(ask("echo 'credentials not found in native keychain'; exit 1"), Ok(None));
    assert_eq!(ask("echo 'Error: Credentials Not Found' >&2; exit 2"), Ok(None));
    assert_eq!(ask(r#"echo '{"ServerURL":"","Username":"","Secret":""}'"#), Ok(None));
}

#[test]
fn a_helper_that_fails_is_an_error_that_does_not_quote_it() {
    let failure = ask("echo hunter2 >&2; echo hunter2; exit 3").unwrap_err();
    assert_eq!(failure.to_string(), "failed with exit status: 3");
}

#[test]
fn an_answer_of_another_form_is_an_error_that_does_not_quote_it() {
    for body in [
        "echo hunter2",
        "echo '{\"Username\":\"hunter2\"}'",
        "printf 'hunter2\\377'",
        "exit 0",
    ] {
        let failure = ask(body).unwrap_err();
        assert_eq!(failure, HelperFailure::Answer, "{body}");
        assert!(!failure.to_string().contains("hunter2"), "{body}");
    }
}

#[test]
fn a_helper_that_takes_too_long_is_killed_even_if_its_own_child_holds_the_pipes() {
    let start = Instant::now();
    // The shell waits for a process of its own, which holds the pipes open.
    let failure = ask_within("echo start; sleep 30; echo end", Duration::from_millis(200));
    assert_eq!(failure, Err(HelperFailure::TimedOut(0)));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_process_that_a_helper_leaves_behind_is_not_waited_for() {
    let start = Instant::now();
    let answer = ask("sleep 30 &\necho '{\"Username\":\"me\",\"Secret\":\"word\"}'");
    assert!(answer.unwrap().is_some() && start.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_answer_may_be_long_but_not_longer_than_a_mebibyte() {
    let answer = |blocks| {
        let word = format!("head -c {} /dev/zero | tr '\\0' a", blocks * 1024);
        ask(&format!(
            "printf '{{\"Username\":\"me\",\"Secret\":\"'; {word}; echo '\"}}'"
        ))
    };
    assert!(answer(1000).unwrap().is_some());
    assert_eq!(answer(1024), Err(HelperFailure::TooLong));
    let endless = ask_within(
        "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done",
        Duration::from_millis(300),
    );
    assert_eq!(endless, Err(HelperFailure::TimedOut(0)));
}

#[test]
fn a_helper_that_complains_at_length_still_answers() {
    let answer = ask("head -c 3000000 /dev/zero >&2; echo '{\"Username\":\"me\",\"Secret\":\"word\"}'");
    assert!(answer.unwrap().is_some());
}

#[test]
fn a_helper_that_does_not_read_its_input_still_answers() {
    let folder = Folder::new();
    folder.helper("test", "exec 0<&-\necho '{\"Username\":\"me\",\"Secret\":\"word\"}'");
    assert!(helpers(&folder, LIMIT).ask("test", "quay.io").unwrap().is_some());
}

#[test]
fn a_helper_runs_once_per_server_even_when_many_ask() {
    let folder = Folder::new();
    folder.helper("test", "sleep 0.1; echo 'credentials not found'; exit 1");
    let helpers = helpers(&folder, LIMIT);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(helpers.ask("test", "quay.io"), Ok(None)));
        }
    });
    assert_eq!(helpers.ask("test", "ghcr.io"), Ok(None));
    assert_eq!(folder.asked(), ["get quay.io", "get ghcr.io"]);
}

#[test]
fn a_name_with_a_path_in_it_is_refused() {
    let folder = Folder::new();
    folder.helper("test", "echo");
    let helpers = helpers(&folder, LIMIT);
    for name in ["", "../test", "/test", "a b", "test\n", "tést"] {
        assert_eq!(helpers.ask(name, "quay.io"), Err(HelperFailure::Name), "{name:?}");
    }
    assert!(folder.asked().is_empty());
}

#[test]
fn a_server_that_would_be_two_lines_is_not_asked_for() {
    let folder = Folder::new();
    folder.helper("test", "echo");
    let helpers = helpers(&folder, LIMIT);
    assert_eq!(helpers.ask("test", "quay.io\nghcr.io"), Err(HelperFailure::Server));
    assert_eq!(helpers.ask("test", &"a".repeat(2000)), Err(HelperFailure::Server));
    assert!(folder.asked().is_empty());
}

#[test]
fn only_programs_in_absolute_folders_are_found() {
    let folder = Folder::new();
    folder.helper("test", "echo");
    folder.file("docker-credential-plain", "no program");
    let path = Some(folder.search_path());
    assert!(on_path("docker-credential-test", path.as_deref()).is_some());
    assert_eq!(on_path("docker-credential-plain", path.as_deref()), None);
    assert_eq!(on_path("docker-credential-other", path.as_deref()), None);
    assert_eq!(on_path("docker-credential-test", None), None);
    assert_eq!(on_path("Cargo.toml", Some(OsStr::new(".::"))), None);
}

#[test]
fn a_program_that_the_system_does_not_start_is_an_error() {
    let folder = Folder::new();
    folder.helper("test", "");
    let program = folder.path().join("docker-credential-test");
    assert!(process::run(&program.join("none"), "quay.io\n", LIMIT).is_err());
}
