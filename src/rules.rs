//! The list of rules: one line a rule, each a folder under `rules/`.

use crate::rule::Rule;

/// Declares the module of each rule and the list of them all.
macro_rules! rules {
    ($($name:ident: $path:literal,)+) => {
        $(#[path = $path] mod $name;)+

        /// Every rule, by id.
        pub const ALL: &[Rule] = &[$($name::RULE,)+];
    };
}

rules! {
    allowed_registries: "../rules/allowed-registries/rule.rs",
    dead_digest: "../rules/dead-digest/rule.rs",
    denied_image: "../rules/denied-image/rule.rs",
    deprecated_registry: "../rules/deprecated-registry/rule.rs",
    digest_breaks_image_sync: "../rules/digest-breaks-image-sync/rule.rs",
    digest_conflict: "../rules/digest-conflict/rule.rs",
    duplicate_key: "../rules/duplicate-key/rule.rs",
    floating_tag: "../rules/floating-tag/rule.rs",
    hardcoded_image: "../rules/hardcoded-image/rule.rs",
    ignored_digest: "../rules/ignored-digest/rule.rs",
    invalid_digest: "../rules/invalid-digest/rule.rs",
    invalid_pull_policy: "../rules/invalid-pull-policy/rule.rs",
    invalid_reference: "../rules/invalid-reference/rule.rs",
    invalid_template: "../rules/invalid-template/rule.rs",
    invalid_yaml: "../rules/invalid-yaml/rule.rs",
    latest_tag: "../rules/latest-tag/rule.rs",
    local_registry_exclude: "../rules/local-registry-exclude/rule.rs",
    missing_image_key: "../rules/missing-image-key/rule.rs",
    missing_image_pull_policy: "../rules/missing-image-pull-policy/rule.rs",
    missing_pull_policy: "../rules/missing-pull-policy/rule.rs",
    mixed_tags: "../rules/mixed-tags/rule.rs",
    non_string_tag: "../rules/non-string-tag/rule.rs",
    pull_policy_conflict: "../rules/pull-policy-conflict/rule.rs",
    stale_baseline: "../rules/stale-baseline/rule.rs",
    stale_image_annotation: "../rules/stale-image-annotation/rule.rs",
    tag_in_label: "../rules/tag-in-label/rule.rs",
    tag_in_repository: "../rules/tag-in-repository/rule.rs",
    undefined_image_key: "../rules/undefined-image-key/rule.rs",
    unknown_image_shape: "../rules/unknown-image-shape/rule.rs",
    unknown_override_key: "../rules/unknown-override-key/rule.rs",
    unpinned_image: "../rules/unpinned-image/rule.rs",
    unqualified_image: "../rules/unqualified-image/rule.rs",
    unreadable_file: "../rules/unreadable-file/rule.rs",
    unused_ignore: "../rules/unused-ignore/rule.rs",
    unused_image_key: "../rules/unused-image-key/rule.rs",
}

/// The rule of this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id == id)
}
