//! What a manifest names and its registry or another host does not give: that is said of the part, and not of the manifest, which is there.

use crate::registry::{Fault, Image, Options, Registry};
use crate::support::Output;

use super::{never, pin, scene, status};

/// What `verify --platform` says of a pinned image whose configuration is behind this fault, or is given by another host that answers with it.
fn verified(fault: Fault, is_elsewhere: bool) -> (Registry, Output) {
    let (registry, sandbox, _) = scene(Options::default());
    let image = Image::manifest("single");
    registry.put("org/app", "2", &image);
    let other = Registry::start();
    if is_elsewhere {
        other.always("org/app/blobs", fault);
        registry.always("org/app/blobs", Fault::Redirect(other.origin()));
    } else {
        registry.always("org/app/blobs", fault);
    }
    let text = format!("image: {}/org/app:2@{}\n", registry.host(), image.digest());
    sandbox.write("values.yaml", text);
    let out = sandbox.run(&["verify", "--platform", "linux/amd64", "values.yaml"]);
    (if is_elsewhere { other } else { registry }, out)
}

#[test]
fn a_digest_whose_configuration_is_gone_is_not_missing() {
    let (registry, out) = verified(status(404), false);
    let said = format!("invalid answer: `{}` has no `sha256:", registry.host());
    assert_eq!(out.code, 3, "{}", out.stdout);
    assert!(out.stdout.contains(&said), "{}", out.stdout);
    assert!(
        out.stdout.contains("which a manifest of `org/app` names"),
        "{}",
        out.stdout
    );
    assert!(!out.stdout.contains("pin it again"), "{}", out.stdout);
}

#[test]
fn a_host_behind_a_redirect_is_named_where_it_refuses() {
    for (code, said) in [(403, "denied"), (404, "invalid answer"), (500, "network")] {
        let (other, out) = verified(status(code), true);
        assert_eq!(out.code, 3, "{code}: {}", out.stdout);
        let named = format!("redirects to `{}`, which ", other.host());
        assert!(
            out.stdout.contains(said) && out.stdout.contains(&named),
            "{code}: {}",
            out.stdout
        );
        assert!(!out.stdout.contains("these credentials"), "{code}: {}", out.stdout);
    }
}

#[test]
fn a_manifest_that_is_gone_behind_a_redirect_is_not_found() {
    let other = Registry::start();
    let said = format!("redirects to `{}`, which has no `1` of `org/app`", other.host());
    never(Fault::Redirect(other.origin()), &[], &said);
    let (registry, sandbox, _) = scene(Options::default());
    registry.always("org/app", Fault::Redirect(other.origin()));
    assert!(pin(&sandbox, &[]).stderr.contains("not found: "));
}
