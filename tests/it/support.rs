//! What several test modules share: where the shared material is, and how the program is run.

use std::path::{Path, PathBuf};

/// A folder of the material that stands beside a full workplace and not in a fresh clone; tests that read it pass without it.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    path.exists().then_some(path)
}

/// Every file below `dir`, sorted.
pub(crate) fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether outputs are to be written instead of compared: `CHARTPIN_BLESS=1`.
pub(crate) fn blessing() -> bool {
    std::env::var_os("CHARTPIN_BLESS").is_some_and(|value| value == "1")
}

/// Compares `actual` with the file at `path` below the repository, or writes it there.
pub(crate) fn same_or_bless(path: &Path, actual: &str) {
    let full = repository().join(path);
    if blessing() {
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&full).unwrap_or_default();
    if expected != actual {
        let lines = expected.lines().zip(actual.lines()).enumerate();
        let first = lines.into_iter().find(|(_, (old, new))| old != new);
        panic!(
            "{} is out of date (CHARTPIN_BLESS=1 cargo test writes it), first at {first:?}",
            path.display()
        );
    }
}

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Output {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// A folder of its own to run the program in, gone at the end; a repository root, so that no configuration above it counts.
pub(crate) struct Sandbox(tempfile::TempDir);

impl Sandbox {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        Self(dir)
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let full = self.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Runs the program here, without the environment's colours.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        let out = command(self.path()).args(args).output().unwrap();
        Output {
            code: out.status.code().unwrap(),
            stdout: String::from_utf8(out.stdout).unwrap(),
            stderr: String::from_utf8(out.stderr).unwrap(),
        }
    }
}

/// The program, to be run in `dir`: without the environment's colours, credentials, proxies and cache.
pub(crate) fn command(dir: &Path) -> std::process::Command {
    command_of(Path::new(env!("CARGO_BIN_EXE_chartpin")), dir)
}

/// Another program, to be run so.
pub(crate) fn command_of(program: &Path, dir: &Path) -> std::process::Command {
    const UNSET: [&str; 19] = [
        "CHARTPIN_PASSWORD",
        "CHARTPIN_REGISTRY",
        "CHARTPIN_USERNAME",
        "CLICOLOR_FORCE",
        "DOCKER_CONFIG",
        "HELM_BIN",
        "NO_COLOR",
        "REGISTRY_AUTH_FILE",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
        "all_proxy",
        "ALL_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "no_proxy",
        "NO_PROXY",
    ];
    let mut command = std::process::Command::new(program);
    command.current_dir(dir);
    for name in UNSET {
        command.env_remove(name);
    }
    command
        .env("HOME", dir.join(".git/home"))
        .env("CHARTPIN_CACHE_DIR", dir.join(".git/cache"));
    command
}
