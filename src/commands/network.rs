//! From flags, configuration and environment to how registries are asked.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy as _;

use super::CommandError;
use crate::cli::NetworkArgs;
use crate::config::PinSettings;
use crate::registry::{CredentialFile, Options, Secret, Sources};
use crate::walk::absolute;

/// How long the answer for a tag counts as known between runs, where nothing else is said.
pub(super) const CACHE_TTL: Duration = Duration::from_secs(5 * 60);

/// How registries are asked under configurations, each with its folder; `cache_ttl` is none where the cache is not wanted.
pub(super) fn options<'a>(
    args: &NetworkArgs,
    settings: impl IntoIterator<Item = (&'a Path, &'a PinSettings)>,
    cache_ttl: Option<Duration>,
) -> Result<Options, CommandError> {
    let mut mirrors = args.mirror.clone();
    let mut plain_http = args.plain_http.clone();
    let mut ca_file = args.ca_file.clone();
    for (root, settings) in settings {
        for mirror in &settings.mirrors {
            if !mirrors.contains(mirror) {
                mirrors.push(mirror.clone());
            }
        }
        plain_http.extend(settings.plain_http.iter().cloned());
        let configured = settings.ca_file.as_ref().map(|file| root.join(file));
        match (&ca_file, configured) {
            (None, configured) => ca_file = configured,
            (Some(one), Some(other)) if args.ca_file.is_none() && *one != other => {
                let help = "name one with --ca-file";
                return Err(CommandError::usage(
                    "two configurations name different files of certificates",
                    Some(help),
                ));
            }
            _ => {}
        }
    }
    Ok(Options {
        mirrors,
        plain_http,
        ca_file,
        credentials: credentials(args)?,
        verify_body: args.verify_body,
        concurrency: args.concurrency,
        timeout: args.timeout,
        cache: cache_ttl.and_then(|ttl| Some((cache_folder()?, ttl))),
    })
}

/// Where answers are kept between runs.
fn cache_folder() -> Option<PathBuf> {
    let own = env::var_os("CHARTPIN_CACHE_DIR")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from);
    own.or_else(|| Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("chartpin")))
}

/// Where credentials may lie, in the order in which they are looked at.
fn credentials(args: &NetworkArgs) -> Result<Sources, CommandError> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let below = |dir: Option<OsString>, path: &str| dir.map(|dir| PathBuf::from(dir).join(path));
    let home = || etcetera::home_dir().ok();
    let mut files = Vec::new();
    let mut push = |path: Option<PathBuf>, required: bool| {
        files.extend(path.map(|path| CredentialFile { path, required }));
    };
    push(args.auth_file.as_deref().map(absolute), true);
    push(set("REGISTRY_AUTH_FILE").map(PathBuf::from), true);
    push(below(set("XDG_RUNTIME_DIR"), "containers/auth.json"), false);
    push(
        below(set("XDG_CONFIG_HOME"), "containers/auth.json")
            .or_else(|| home().map(|home| home.join(".config/containers/auth.json"))),
        false,
    );
    push(
        below(set("DOCKER_CONFIG"), "config.json").or_else(|| home().map(|home| home.join(".docker/config.json"))),
        false,
    );
    Ok(Sources {
        explicit: explicit()?,
        files,
        search_path: env::var_os("PATH"),
    })
}

/// Credentials for one registry, out of the environment.
fn explicit() -> Result<Option<(String, String, Secret)>, CommandError> {
    const NAMES: [&str; 3] = ["CHARTPIN_REGISTRY", "CHARTPIN_USERNAME", "CHARTPIN_PASSWORD"];
    let values: Vec<Option<String>> = NAMES
        .iter()
        .map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .collect();
    match values.as_slice() {
        [None, None, None] => Ok(None),
        [Some(registry), Some(username), Some(password)] => Ok(Some((
            registry.clone(),
            username.clone(),
            Secret::new(password.clone()),
        ))),
        _ => Err(CommandError::usage(
            format!("`{}`, `{}` and `{}` belong together", NAMES[0], NAMES[1], NAMES[2]),
            Some("set all three, or none: a password goes to the registry that is named, and to no other"),
        )),
    }
}
