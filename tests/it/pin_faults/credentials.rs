//! Credentials and tokens: who gets them, how often, and who never does.

use std::time::Duration;

use super::{PASSWORD, app, assert_pinned, assert_refused, pin, scene};
use crate::registry::{Auth, Authority, Bearer, Fault, Image, Options, Registry, base64};
use crate::support::{Output, Sandbox};

fn log_in(sandbox: &Sandbox, host: &str, password: &str) {
    let auth = base64(format!("puller:{password}").as_bytes());
    sandbox.write(
        "auth.json",
        format!("{{\"auths\": {{\"{host}\": {{\"auth\": \"{auth}\"}}}}}}"),
    );
}

#[test]
fn a_login_that_nobody_has_is_denied() {
    let (_registry, sandbox, text) = scene(Options {
        auth: Auth::Basic {
            user: "puller".to_owned(),
            pass: PASSWORD.to_owned(),
        },
        ..Options::default()
    });
    assert_refused(
        &sandbox,
        &text,
        &pin(&sandbox, &[]),
        "wants a login for this, and there are no credentials for it",
    );
}

#[test]
fn credentials_do_not_follow_a_redirect_to_another_host() {
    let other = Registry::start();
    other.put("org/app", "1", &app());
    let (registry, sandbox, text) = scene(Options {
        auth: Auth::Basic {
            user: "puller".to_owned(),
            pass: PASSWORD.to_owned(),
        },
        ..Options::default()
    });
    registry.always("org/app", Fault::Redirect(other.origin()));
    log_in(&sandbox, &registry.host(), PASSWORD);
    assert_pinned(&sandbox, &text, &pin(&sandbox, &["--auth-file", "auth.json"]));
    assert!(registry.count(|request| request.header("authorization").is_some()) > 0);
    assert_eq!(other.count(|request| request.header("authorization").is_some()), 0);
    assert_eq!(other.requests().len(), 1);
}

#[test]
fn a_login_that_a_redirect_leads_to_gets_no_credentials() {
    let thief = Registry::start();
    let other = Registry::start_with(Options {
        auth: Auth::Bearer(Bearer {
            realm: Some(format!("{}/token", thief.origin())),
            ..Bearer::default()
        }),
        ..Options::default()
    });
    other.put("org/app", "1", &app());
    let (registry, sandbox, text) = scene(Options::default());
    registry.always("org/app", Fault::Redirect(other.origin()));
    log_in(&sandbox, &registry.host(), PASSWORD);
    let out = pin(&sandbox, &["--auth-file", "auth.json"]);
    assert_refused(&sandbox, &text, &out, "which wants a login of its own");
    assert_eq!(thief.requests().len(), 0);
    assert_eq!(other.count(|request| request.header("authorization").is_some()), 0);
}

#[test]
fn credentials_of_the_environment_go_to_their_registry_alone() {
    let basic = || Options {
        auth: Auth::Basic {
            user: "puller".to_owned(),
            pass: PASSWORD.to_owned(),
        },
        ..Options::default()
    };
    let (registry, sandbox, text) = scene(basic());
    let run = |host: &str, password: Option<&str>| {
        let mut command = crate::support::command(sandbox.path());
        command.args(["pin", "--write", "--no-cache", "values.yaml"]);
        command
            .env("CHARTPIN_REGISTRY", host)
            .env("CHARTPIN_USERNAME", "puller");
        password.map(|password| command.env("CHARTPIN_PASSWORD", password));
        let out = command.output().unwrap();
        Output {
            code: out.status.code().unwrap(),
            stdout: String::from_utf8(out.stdout).unwrap(),
            stderr: String::from_utf8(out.stderr).unwrap(),
        }
    };
    let half = run(&registry.host(), None);
    assert_eq!(half.code, 2, "{}", half.stderr);
    assert!(half.stderr.contains("belong together"), "{}", half.stderr);
    let other = run("registry.example.com", Some(PASSWORD));
    assert_refused(&sandbox, &text, &other, "there are no credentials for it");
    assert_eq!(registry.count(|request| request.header("authorization").is_some()), 0);
    assert_pinned(&sandbox, &text, &run(&registry.host(), Some(PASSWORD)));
}

#[test]
fn a_password_that_is_wrong_is_sent_once_and_shown_nowhere() {
    let (registry, sandbox, text) = scene(Options {
        auth: Auth::Basic {
            user: "puller".to_owned(),
            pass: "another".to_owned(),
        },
        ..Options::default()
    });
    log_in(&sandbox, &registry.host(), PASSWORD);
    let out = pin(&sandbox, &["--auth-file", "auth.json"]);
    assert_refused(&sandbox, &text, &out, "refuses the credentials");
    assert!(!format!("{out:?}").contains(&base64(format!("puller:{PASSWORD}").as_bytes())));
    assert_eq!(registry.count(|request| request.header("authorization").is_some()), 1);
}

#[test]
fn tokens_are_asked_for_once_a_repository_and_used_while_they_last() {
    let registry = Registry::start_with(Options {
        auth: Auth::Bearer(Bearer::default()),
        ..Options::default()
    });
    let sandbox = Sandbox::new();
    let mut text = String::from("images:\n  tags:\n");
    for name in ["a", "b"] {
        for tag in 0..10 {
            registry.put(
                &format!("org/{name}"),
                &tag.to_string(),
                &Image::manifest(&format!("{name}{tag}")),
            );
            text.push_str(&format!("    {name}{tag}: {}/org/{name}:{tag}\n", registry.host()));
        }
    }
    sandbox.write("values.yaml", &text);
    let out = pin(&sandbox, &[]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert_eq!(registry.count(|request| request.path.starts_with("/token")), 2);
    assert!(registry.requests().len() <= 20 + 2 + 1, "{}", registry.requests().len());
    let scopes = registry.count(|request| request.path.contains("scope=repository%3Aorg%2Fa%3Apull"));
    assert_eq!(scopes, 1);
}

#[test]
fn every_kind_of_token_is_understood() {
    let bearer = |bearer: Bearer, file: Option<&str>, flags: &[&str]| {
        let (registry, sandbox, text) = scene(Options {
            auth: Auth::Bearer(bearer),
            ..Options::default()
        });
        if let Some(entry) = file {
            sandbox.write(
                "auth.json",
                format!("{{\"auths\": {{\"{}\": {entry}}}}}", registry.host()),
            );
        }
        assert_pinned(&sandbox, &text, &pin(&sandbox, flags));
        registry
    };
    bearer(
        Bearer {
            field: "access_token",
            expires_in: None,
            ..Bearer::default()
        },
        None,
        &[],
    );
    let login = format!("{{\"auth\": \"{}\"}}", base64(format!("puller:{PASSWORD}").as_bytes()));
    let registry = bearer(
        Bearer {
            user: Some(("puller".to_owned(), PASSWORD.to_owned())),
            anonymous: false,
            ..Bearer::default()
        },
        Some(&login),
        &["--auth-file", "auth.json"],
    );
    let with_password = registry.requests().into_iter().filter(|request| {
        request
            .header("authorization")
            .is_some_and(|value| value.starts_with("Basic"))
    });
    let paths: Vec<String> = with_password.map(|request| request.path).collect();
    assert!(
        paths.iter().all(|path| path.starts_with("/token")),
        "the password goes to the token server alone: {paths:?}"
    );
    let registry = bearer(
        Bearer {
            identity: Some("refresh-me".to_owned()),
            anonymous: false,
            ..Bearer::default()
        },
        Some("{\"identitytoken\": \"refresh-me\"}"),
        &["--auth-file", "auth.json"],
    );
    assert_eq!(registry.count(|request| request.method == "POST"), 1);
}

#[test]
fn a_token_that_runs_out_is_fetched_again_once() {
    let (registry, sandbox, text) = scene(Options {
        auth: Auth::Bearer(Bearer {
            uses: Some(1),
            ..Bearer::default()
        }),
        ..Options::default()
    });
    let out = pin(&sandbox, &["--platform", "linux/amd64"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert_ne!(sandbox.read("values.yaml"), text);
    registry.put("org/app", "2", &app());
    sandbox.write(
        "values.yaml",
        format!(
            "a: {{image: '{0}/org/app:1'}}\nb: {{image: '{0}/org/app:2'}}\n",
            registry.host()
        ),
    );
    assert_eq!(pin(&sandbox, &[]).code, 0);
    let (_registry, sandbox, text) = scene(Options {
        auth: Auth::Bearer(Bearer {
            lives: Some(Duration::ZERO),
            ..Bearer::default()
        }),
        ..Options::default()
    });
    assert_refused(&sandbox, &text, &pin(&sandbox, &[]), "denied: ");
}

#[test]
fn a_token_server_without_tls_gets_nothing_from_a_registry_with_it() {
    let authority = Authority::new();
    let thief = Registry::start();
    let (registry, sandbox, text) = scene(Options {
        tls: Some(authority.issue(&["127.0.0.1"])),
        auth: Auth::Bearer(Bearer {
            realm: Some(format!("{}/token", thief.origin())),
            ..Bearer::default()
        }),
        ..Options::default()
    });
    sandbox.write("ca.pem", &authority.ca_pem);
    log_in(&sandbox, &registry.host(), PASSWORD);
    let out = pin(&sandbox, &["--ca-file", "ca.pem", "--auth-file", "auth.json"]);
    assert_refused(
        &sandbox,
        &text,
        &out,
        "names a token server without TLS, to which nothing is sent",
    );
    assert_eq!(thief.requests().len(), 0);
}
