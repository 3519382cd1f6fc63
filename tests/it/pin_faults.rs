//! Registries that misbehave: each fault ends in its named reason and exit code 3 with nothing written, or in the right digest.

mod credentials;
mod parts;

use std::time::Duration;

use sha2::{Digest as _, Sha512};

use crate::registry::{Authority, Fault, Image, Options, Registry};
use crate::support::{Output, Sandbox};

const PASSWORD: &str = "correct-horse-battery";

fn app() -> Image {
    Image::index("app", &["linux/amd64", "linux/arm64"])
}

/// A chart that names one image of this registry, and the registry that has it.
fn scene(options: Options) -> (Registry, Sandbox, String) {
    let registry = Registry::start_with(options);
    registry.put("org/app", "1", &app());
    let sandbox = Sandbox::new();
    let text = format!("image: {}/org/app:1\n", registry.host());
    sandbox.write("values.yaml", &text);
    (registry, sandbox, text)
}

fn pin(sandbox: &Sandbox, more: &[&str]) -> Output {
    let args: Vec<&str> = ["pin", "--write", "--no-cache", "values.yaml"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    sandbox.run(&args)
}

/// What a run that cannot pin has to look like.
fn assert_refused(sandbox: &Sandbox, text: &str, out: &Output, reason: &str) {
    assert_eq!(out.code, 3, "{}", out.stderr);
    assert!(out.stderr.contains(reason), "`{reason}` is not in: {}", out.stderr);
    assert_eq!(sandbox.read("values.yaml"), text, "written all the same");
    assert!(!format!("{out:?}").contains(PASSWORD), "a secret is shown");
}

fn assert_pinned(sandbox: &Sandbox, text: &str, out: &Output) {
    assert_eq!(out.code, 0, "{}", out.stderr);
    let digest = app().digest();
    assert_eq!(
        sandbox.read("values.yaml"),
        text.replace(":1\n", &format!(":1@{digest}\n"))
    );
}

/// A fault that never ends, and the reason that is given.
fn never(fault: Fault, flags: &[&str], reason: &str) -> Registry {
    let (registry, sandbox, text) = scene(Options::default());
    registry.always("org/app", fault);
    let out = pin(&sandbox, flags);
    assert_refused(&sandbox, &text, &out, reason);
    registry
}

/// Faults that end, so that the digest is right in the end.
fn for_a_while(faults: Vec<Fault>, flags: &[&str]) -> (Registry, Output) {
    let (registry, sandbox, text) = scene(Options::default());
    registry.faults("org/app", faults);
    let out = pin(&sandbox, flags);
    assert_pinned(&sandbox, &text, &out);
    (registry, out)
}

/// A fault that never ends, and does not stand in the way.
fn harmless(fault: Fault, flags: &[&str]) -> Registry {
    let (registry, sandbox, text) = scene(Options::default());
    registry.always("org/app", fault);
    let out = pin(&sandbox, flags);
    assert_pinned(&sandbox, &text, &out);
    registry
}

fn status(code: u16) -> Fault {
    Fault::Status(code, Vec::new())
}

#[test]
fn an_image_that_is_not_there_is_asked_for_once() {
    let registry = never(status(404), &[], "not found: `127.0.0.1");
    assert_eq!(registry.requests().len(), 1, "404 is no reason to try again");
}

#[test]
fn forbidden_is_not_tried_again() {
    let registry = never(status(403), &[], "denied: ");
    assert_eq!(registry.requests().len(), 1);
}

#[test]
fn a_wait_of_a_day_is_not_slept_through() {
    let registry = never(Fault::RetryAfter("86400".to_owned()), &[], "wants a wait of 86400 s");
    assert_eq!(registry.requests().len(), 1);
}

#[test]
fn a_short_wait_is_kept_and_said() {
    let (registry, out) = for_a_while(vec![Fault::RetryAfter("1".to_owned())], &[]);
    assert!(
        out.stderr.contains("limits how often it is asked: waiting 1 s"),
        "{}",
        out.stderr
    );
    assert_eq!(registry.requests().len(), 2);
}

#[test]
fn a_server_that_fails_is_tried_again_and_not_for_ever() {
    let (registry, _) = for_a_while(vec![status(503), status(500)], &[]);
    assert_eq!(registry.requests().len(), 3);
    let registry = never(status(500), &[], "answers 500");
    assert_eq!(registry.requests().len(), 5);
}

#[test]
fn a_connection_that_breaks_is_made_again() {
    let (registry, _) = for_a_while(vec![Fault::Reset], &[]);
    assert_eq!(registry.requests().len(), 2);
    never(Fault::Reset, &[], "network: the connection to `127.0.0.1");
    for_a_while(vec![Fault::Reset], &["--verify-body"]);
}

#[test]
fn a_host_that_is_silent_ends_with_the_time_of_the_run() {
    never(
        Fault::Hang(Duration::from_secs(20)),
        &["--timeout", "1s"],
        "the time of the run is over (1 s)",
    );
}

#[test]
fn a_digest_that_is_not_said_is_worked_out() {
    let registry = harmless(Fault::NoDigestHeader, &[]);
    let methods: Vec<String> = registry.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["HEAD", "GET"]);
    harmless(Fault::MalformedDigestHeader("sha256:abc".to_owned()), &[]);
    harmless(
        Fault::MalformedDigestHeader("md5:d41d8cd98f00b204e9800998ecf8427e".to_owned()),
        &[],
    );
    harmless(Fault::HeadRefused, &[]);
    harmless(Fault::On("HEAD", Box::new(Fault::ContentType(String::new()))), &[]);
}

#[test]
fn a_digest_that_is_not_that_of_the_body_is_no_digest() {
    never(
        Fault::WrongDigestHeader,
        &["--verify-body"],
        "of a manifest that is `sha256:",
    );
}

#[test]
fn a_digest_may_be_of_sha512() {
    let (registry, sandbox, text) = scene(Options::default());
    let hash = Sha512::digest(&app().body);
    let digest = format!(
        "sha512:{}",
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    );
    registry.always("org/app", Fault::MalformedDigestHeader(digest.clone()));
    for flags in [&[][..], &["--verify-body"]] {
        sandbox.write("values.yaml", &text);
        assert_eq!(pin(&sandbox, flags).code, 0);
        assert_eq!(
            sandbox.read("values.yaml"),
            text.replace(":1\n", &format!(":1@{digest}\n"))
        );
    }
    registry.always(
        "org/app",
        Fault::MalformedDigestHeader(digest.replace(&digest[7..9], "00")),
    );
    sandbox.write("values.yaml", &text);
    assert_refused(
        &sandbox,
        &text,
        &pin(&sandbox, &["--verify-body"]),
        "of a manifest that is `sha512:",
    );
}

#[test]
fn a_child_manifest_is_never_taken_for_the_index() {
    harmless(Fault::ChildForNoAccept, &[]);
    harmless(Fault::ChildForNoAccept, &["--verify-body"]);
}

#[test]
fn pages_and_rubbish_are_no_manifests() {
    never(Fault::Html, &[], "answers with `text/html`, which is no manifest");
    never(
        Fault::ContentType("application/octet-stream".to_owned()),
        &[],
        "which is no manifest",
    );
    never(Fault::Schema1, &[], "schema 1");
    never(Fault::BrokenJson, &["--verify-body"], "broken JSON");
    never(Fault::EmptyBody, &["--verify-body"], "answers with nothing");
    let (registry, sandbox, text) = scene(Options::default());
    registry.always("org/app", Fault::NoDigestHeader);
    registry.always("org/app", Fault::Html);
    assert_refused(&sandbox, &text, &pin(&sandbox, &[]), "text/html");
}

#[test]
fn a_body_without_end_is_not_read() {
    let registry = never(Fault::HugeBody, &["--verify-body"], "answers with more than 4 MiB");
    assert!(
        registry.sent() < 16 * 1024 * 1024,
        "{} bytes were read",
        registry.sent()
    );
    never(
        Fault::ContentLength(1 << 40),
        &["--verify-body"],
        "answers with more than 4 MiB",
    );
}

#[test]
fn redirects_end() {
    let registry = never(Fault::RedirectLoop, &[], "redirects more than 5 times");
    assert_eq!(registry.requests().len(), 6);
    never(
        Fault::Redirect("ftp://127.0.0.1/x".to_owned()),
        &[],
        "redirects to an address that is not https",
    );
    never(
        Fault::Redirect("http://192.0.2.1/x".to_owned()),
        &[],
        "redirects to an address that is not https",
    );
}

#[test]
fn a_redirect_from_tls_to_none_is_not_followed() {
    let authority = Authority::new();
    let thief = Registry::start();
    thief.put("org/app", "1", &app());
    let (registry, sandbox, text) = scene(Options {
        tls: Some(authority.issue(&["127.0.0.1"])),
        ..Options::default()
    });
    registry.always("org/app", Fault::Redirect(thief.origin()));
    sandbox.write("ca.pem", &authority.ca_pem);
    let out = pin(&sandbox, &["--ca-file", "ca.pem"]);
    assert_refused(&sandbox, &text, &out, "redirects from https to http");
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn a_certificate_of_an_unknown_authority_is_named_and_a_known_one_is_taken() {
    let authority = Authority::new();
    let (_registry, sandbox, text) = scene(Options {
        tls: Some(authority.issue(&["127.0.0.1"])),
        ..Options::default()
    });
    assert_refused(
        &sandbox,
        &text,
        &pin(&sandbox, &[]),
        "is not trusted: its authority is not known",
    );
    sandbox.write("ca.pem", &authority.ca_pem);
    assert_pinned(&sandbox, &text, &pin(&sandbox, &["--ca-file", "ca.pem"]));
}

#[test]
fn a_file_of_certificates_that_cannot_be_read_is_said_in_words() {
    let (_registry, sandbox, text) = scene(Options::default());
    let out = pin(&sandbox, &["--ca-file", "gone.pem"]);
    assert_eq!((out.code, sandbox.read("values.yaml")), (2, text));
    let said = "`gone.pem`: there is no such file or folder\n";
    assert!(out.stderr.contains(said), "{}", out.stderr);
}

#[test]
fn a_name_that_does_not_resolve_and_a_port_that_is_shut_are_said() {
    let sandbox = Sandbox::new();
    let text = "image: no-such-host.invalid/org/app:1\n";
    sandbox.write("values.yaml", text);
    assert_refused(
        &sandbox,
        text,
        &pin(&sandbox, &[]),
        "the name `no-such-host.invalid` does not resolve",
    );
    let shut = Registry::start().host();
    let text = format!("image: {shut}/org/app:1\n");
    sandbox.write("values.yaml", &text);
    assert_refused(&sandbox, &text, &pin(&sandbox, &[]), "takes no connection");
}

#[test]
fn nothing_is_written_where_one_image_has_no_answer_unless_that_is_wanted() {
    let (registry, sandbox, _) = scene(Options::default());
    let good = format!("image: {}/org/app:1\n", registry.host());
    let bad = format!("image: {}/org/gone:1\n", registry.host());
    sandbox.write("a/values.yaml", &good);
    sandbox.write("b/values.yaml", &bad);
    let out = sandbox.run(&["pin", "--write", "a", "b", "--format", "json"]);
    assert_eq!(out.code, 3);
    assert_eq!(
        (sandbox.read("a/values.yaml"), sandbox.read("b/values.yaml")),
        (good.clone(), bad.clone())
    );
    assert!(!out.stdout.contains("\"pinned\""), "{}", out.stdout);
    let out = sandbox.run(&["pin", "--write", "--keep-going", "a", "b", "--format", "json"]);
    assert_eq!(out.code, 3);
    assert_eq!(
        sandbox.read("a/values.yaml"),
        good.replace(":1\n", &format!(":1@{}\n", app().digest()))
    );
    assert_eq!(sandbox.read("b/values.yaml"), bad);
    assert!(out.stdout.contains("\"pinned\"") && out.stdout.contains("\"failed\""));
}

#[test]
fn a_mirror_is_asked_first_and_the_registry_where_the_mirror_has_nothing() {
    let (registry, sandbox, text) = scene(Options::default());
    let mirror = Registry::start();
    let flag = format!("{}={}/cache", registry.host(), mirror.host());
    let out = pin(&sandbox, &["--mirror", &flag]);
    assert_pinned(&sandbox, &text, &out);
    assert_eq!(
        mirror.count(|request| request.path.starts_with("/v2/cache/org/app/")),
        1
    );
    assert_eq!(registry.requests().len(), 1);
    sandbox.write("values.yaml", &text);
    mirror.put("cache/org/app", "1", &app());
    assert_pinned(&sandbox, &text, &pin(&sandbox, &["--mirror", &flag]));
    assert_eq!(registry.requests().len(), 1, "the mirror has it now");
}
