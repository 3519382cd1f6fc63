//! Where a credential comes from when several files and helpers could give it.

use super::helper::fixture::Folder;
use super::*;

/// `me:word` in base64.
const ME: &str = "bWU6d29yZA==";
/// `you:other` in base64.
const YOU: &str = "eW91Om90aGVy";

/// A helper that knows `quay.io` and Docker Hub.
const HELPER: &str = r#"case "$server" in
quay.io | https://index.docker.io/v1/) echo "{\"Username\":\"helped\",\"Secret\":\"$server\"}" ;;
*) echo "credentials not found in native keychain"; exit 1 ;;
esac"#;

fn keyring(folder: &Folder, texts: &[&str]) -> Keyring {
    let named = texts.iter().zip(["first", "second", "third"]);
    let files = named.map(|(text, name)| CredentialFile {
        path: folder.file(name, text),
        required: false,
    });
    Keyring::read(&Sources {
        files: files.collect(),
        search_path: Some(folder.search_path()),
        ..Sources::default()
    })
    .unwrap()
}

/// The user name for a repository, or `-` where there is none.
fn user(keyring: &Keyring, registry: &str, repository: &str) -> String {
    match keyring.find(registry, repository).unwrap() {
        Credential::Basic { username, .. } => username,
        Credential::Anonymous => "-".to_owned(),
        other => panic!("{other:?}"),
    }
}

fn user_in(text: &str, registry: &str, repository: &str) -> String {
    user(&keyring(&Folder::new(), &[text]), registry, repository)
}

#[test]
fn without_sources_everything_is_anonymous() {
    let keyring = Keyring::read(&Sources::default()).unwrap();
    assert_eq!(keyring.find("docker.io", "library/nginx"), Ok(Credential::Anonymous));
}

#[test]
fn the_explicit_credential_is_for_its_registry_or_path_alone() {
    let folder = Folder::new();
    let with = |registry: &str| {
        let path = folder.file("auth", &format!(r#"{{"auths": {{"quay.io": {{"auth": "{YOU}"}}}}}}"#));
        let sources = Sources {
            explicit: Some((registry.to_owned(), "me".to_owned(), Secret::new("word"))),
            files: vec![CredentialFile { path, required: true }],
            search_path: None,
        };
        assert!(!format!("{sources:?}").contains("\"word\""));
        Keyring::read(&sources).unwrap()
    };
    let registry = with("https://quay.io/");
    assert_eq!(
        [user(&registry, "quay.io", "a"), user(&registry, "ghcr.io", "a")],
        ["me", "-"]
    );
    let path = with("quay.io/org");
    assert_eq!(
        [user(&path, "quay.io", "org/a"), user(&path, "quay.io", "organ/a")],
        ["me", "you"]
    );
    assert_eq!(user(&with("*.io"), "quay.io", "a"), "you", "it has no wildcards");
    assert_eq!(user(&with("docker.io"), "registry-1.docker.io", "a"), "me");
}

#[test]
fn dockers_configuration_gives_what_its_auths_hold() {
    let text = format!(
        r#"{{
	"auths": {{"https://index.docker.io/v1/": {{"auth": "{ME}"}}, "ghcr.io": {{"username": "you", "password": "x"}}}},
	"HttpHeaders": {{"User-Agent": "x"}}, "currentContext": 1
}}"#
    );
    let keyring = keyring(&Folder::new(), &[&text]);
    assert_eq!(user(&keyring, "docker.io", "library/nginx"), "me");
    assert_eq!(user(&keyring, "ghcr.io", "a"), "you");
    assert_eq!(user(&keyring, "ghcr.io:443", "a"), "-");
    let debug = format!("{keyring:?}");
    assert!(
        debug.contains("***") && !debug.contains("\"word\"") && !debug.contains(ME),
        "{debug}"
    );
}

#[test]
fn the_longest_key_by_whole_parts_wins() {
    let text = format!(
        r#"{{"auths": {{"quay.io": {{"auth": "{ME}"}}, "quay.io/org/": {{"auth": "{YOU}"}},
        "quay.io/org/empty": {{}}}}}}"#
    );
    for (repository, expected) in [("a", "me"), ("org/a", "you"), ("organ/a", "me"), ("org/empty", "you")] {
        assert_eq!(user_in(&text, "quay.io", repository), expected, "{repository}");
    }
}

#[test]
fn of_two_ways_to_write_a_key_the_plainer_one_wins() {
    let text = format!(r#"{{"auths": {{"https://zot.io": {{"auth": "{ME}"}}, "zot.io": {{"auth": "{YOU}"}}}}}}"#);
    assert_eq!(user_in(&text, "zot.io", "a"), "you");
    assert_eq!(user_in(&text.replace("zot.io", "aot.io"), "aot.io", "a"), "you");
}

#[test]
fn stars_in_keys_stay_within_one_part() {
    let text = format!(r#"{{"auths": {{"*.example.com": {{"auth": "{ME}"}}, "b.example.com": {{"auth": "{YOU}"}}}}}}"#);
    assert_eq!(user_in(&text, "a.example.com", "x"), "me");
    assert_eq!(user_in(&text, "b.example.com", "x"), "you");
    assert_eq!(user_in(&text, "a.b.example.com", "x"), "-");
}

#[test]
fn the_first_file_that_knows_the_registry_wins() {
    let first = format!(r#"{{"auths": {{"quay.io": {{"auth": "{ME}"}}, "ghcr.io": {{}}}}}}"#);
    let second = format!(r#"{{"auths": {{"quay.io/org": {{"auth": "{YOU}"}}, "ghcr.io": {{"auth": "{YOU}"}}}}}}"#);
    let keyring = keyring(&Folder::new(), &["", &first, &second]);
    assert_eq!(
        [user(&keyring, "quay.io", "org/a"), user(&keyring, "ghcr.io", "a")],
        ["me", "you"]
    );
}

#[test]
fn the_helper_for_a_registry_wins_over_the_store_and_the_store_over_auths() {
    let folder = Folder::new();
    folder.helper("one", HELPER);
    folder.helper("store", "echo '{\"Username\":\"store\",\"Secret\":\"x\"}'");
    let text = format!(
        r#"{{"auths": {{"quay.io": {{}}, "ghcr.io": {{"auth": "{ME}"}}, "gcr.io": {{"auth": "{ME}"}}}},
        "credHelpers": {{"https://quay.io/": "one", "gcr.io": ""}}, "credsStore": "store"}}"#
    );
    let keyring = keyring(&folder, &[&text]);
    assert_eq!(user(&keyring, "quay.io", "a"), "helped");
    assert_eq!(user(&keyring, "ghcr.io", "a"), "store");
    assert_eq!(
        user(&keyring, "gcr.io", "a"),
        "me",
        "an empty name keeps a registry out of the store"
    );
}

#[test]
fn what_a_helper_does_not_find_may_be_in_the_same_file_or_the_next() {
    let folder = Folder::new();
    folder.helper("store", HELPER);
    let first = format!(r#"{{"auths": {{"ghcr.io": {{"auth": "{ME}"}}}}, "credsStore": "store"}}"#);
    let second = format!(r#"{{"auths": {{"ghcr.io": {{"auth": "{YOU}"}}, "gcr.io": {{"auth": "{YOU}"}}}}}}"#);
    let keyring = keyring(&folder, &[&first, &second]);
    assert_eq!(
        [user(&keyring, "ghcr.io", "a"), user(&keyring, "gcr.io", "a")],
        ["me", "you"]
    );
    assert_eq!(
        [user(&keyring, "other.io", "a"), user(&keyring, "other.io", "b")],
        ["-", "-"]
    );
    assert_eq!(folder.asked(), ["get ghcr.io", "get gcr.io", "get other.io"]);
}

#[test]
fn a_helper_knows_docker_hub_by_its_old_address_first() {
    let folder = Folder::new();
    folder.helper("store", HELPER);
    let keyring = keyring(&folder, &[r#"{"credsStore": "store"}"#]);
    assert_eq!(user(&keyring, "docker.io", "library/nginx"), "helped");
    assert_eq!(user(&keyring, "index.docker.io", "library/redis"), "helped");
    assert_eq!(folder.asked(), ["get https://index.docker.io/v1/"]);
}

#[test]
fn helpers_may_be_for_a_path() {
    let folder = Folder::new();
    folder.helper("one", HELPER);
    let keyring = keyring(&folder, &[r#"{"credHelpers": {"quay.io/org": "one"}}"#]);
    assert_eq!(
        [user(&keyring, "quay.io", "org/a"), user(&keyring, "quay.io", "a")],
        ["helped", "-"]
    );
    assert_eq!(folder.asked(), ["get quay.io/org", "get quay.io"]);
}

#[test]
fn a_store_that_cannot_be_asked_is_an_error_and_never_anonymous() {
    let keyring = keyring(&Folder::new(), &[r#"{"credsStore": "absent"}"#]);
    let error = keyring.find("quay.io", "a").unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("`docker-credential-absent`") && message.contains("first` names for `quay.io`"),
        "{message}"
    );
    assert!(message.ends_with("is not installed"), "{message}");
    let help = error.help().unwrap();
    assert!(
        help.starts_with("install `docker-credential-absent`") && help.contains("CHARTPIN_PASSWORD"),
        "{help}"
    );
}

#[test]
fn a_helper_name_with_a_path_in_it_is_an_error_in_one_line() {
    let keyring = keyring(&Folder::new(), &[r#"{"credsStore": "../../tmp/x\n"}"#]);
    let error = keyring.find("quay.io\nx", "a").unwrap_err();
    assert!(
        matches!(
            &error,
            CredentialError::Helper {
                failure: HelperFailure::Name,
                ..
            }
        ),
        "{error}"
    );
    assert!(!error.to_string().contains('\n') && error.help().unwrap().starts_with("correct"));
}

#[test]
fn a_broken_entry_is_an_error_for_its_server_alone() {
    let text =
        format!(r#"{{"auths": {{"https://quay.io/org": {{"auth": "hunter2!"}}, "ghcr.io": {{"auth": "{ME}"}}}}}}"#);
    let keyring = keyring(&Folder::new(), &[&text]);
    assert_eq!(
        [user(&keyring, "ghcr.io", "a"), user(&keyring, "quay.io", "a")],
        ["me", "-"]
    );
    let error = keyring.find("quay.io", "org/a").unwrap_err();
    let message = error.to_string();
    assert!(
        message.ends_with("first` has a broken entry for `quay.io/org`: its `auth` is broken base64"),
        "{message}"
    );
    assert!(!format!("{error:?} {:?}", error.help()).contains("hunter2"));
}

#[test]
fn a_required_file_that_is_absent_is_an_error() {
    let path = Folder::new().path().join("none");
    let sources = |required| Sources {
        files: vec![CredentialFile {
            path: path.clone(),
            required,
        }],
        ..Sources::default()
    };
    assert!(Keyring::read(&sources(false)).is_ok());
    let error = Keyring::read(&sources(true)).unwrap_err();
    assert_eq!(error, CredentialError::Missing { path: path.clone() });
}
