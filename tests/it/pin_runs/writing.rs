//! How files are written: whole or not at all, with few handles, once for two names.

use std::collections::BTreeSet;

use super::with_mirrors;
use crate::pin_cases::answering;
use crate::registry::Registry;
use crate::support::{Sandbox, command, files_below};

/// Every file of a run that is killed is either old or new, and the next run takes away what lies beside them.
#[test]
fn a_run_that_is_killed_tears_nothing() {
    const FILES: usize = 200;
    const KILLS: u32 = 100;
    let (_registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    let old: Vec<String> = (0..FILES)
        .map(|n| format!("image: ghcr.io/org/app:{n}\nfill: {}\n", "x".repeat(2000)))
        .collect();
    let new: Vec<String> = (0..FILES)
        .map(|n| {
            let digest = Registry::digest_of("ghcr.io/org/app", &n.to_string());
            old[n].replacen(&format!(":{n}\n"), &format!(":{n}@{digest}\n"), 1)
        })
        .collect();
    let path = |n: usize| format!("c{n}/values.yaml");
    let reset = || (0..FILES).for_each(|n| sandbox.write(&path(n), &old[n]));
    let run = || {
        let mut command = command(sandbox.path());
        command.args(["pin", "--write", "."]).args(&mirrors);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        command
    };
    reset();
    let started = std::time::Instant::now();
    assert!(run().status().unwrap().success());
    let whole = started.elapsed();
    let mut seen = BTreeSet::new();
    for kill in 0..KILLS {
        reset();
        let mut child = run().spawn().unwrap();
        // Every other run is killed at a share of the time that a whole one took, whatever it does then; the others once a file has its
        // digest, for how long a run takes until there is one differs from machine to machine and from minute to minute.
        if kill % 2 == 0 {
            std::thread::sleep(whole * kill / KILLS);
        } else {
            let watched = sandbox.path().join(path(2 * kill as usize));
            let is_written = || std::fs::read_to_string(&watched).is_ok_and(|text| text.contains("@sha256:"));
            while !is_written() && child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let written = (0..FILES)
            .filter(|n| {
                let text = sandbox.read(&path(*n));
                assert!(
                    text == old[*n] || text == new[*n],
                    "kill {kill}: `{}` is torn",
                    path(*n)
                );
                text == new[*n]
            })
            .count();
        seen.insert(match written {
            0 => "none",
            FILES => "all",
            _ => "some",
        });
    }
    assert!(
        seen.contains("some"),
        "no kill fell between the first file and the last: {seen:?}"
    );
    reset();
    assert!(run().status().unwrap().success());
    (0..FILES).for_each(|n| assert_eq!(sandbox.read(&path(n)), new[n]));
    let left = files_below(sandbox.path());
    let left: Vec<_> = left
        .iter()
        .filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with(".chartpin-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn many_files_need_few_handles_and_one_file_under_two_names_is_one_change() {
    let (_registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    for chart in 0..150 {
        sandbox.write(&format!("c{chart}/values.yaml"), "image: ghcr.io/org/a:v1\n");
    }
    std::fs::create_dir(sandbox.path().join("linked")).unwrap();
    std::os::unix::fs::symlink("../c0/values.yaml", sandbox.path().join("linked/values.yaml")).unwrap();
    let program = command(sandbox.path()).get_program().to_owned();
    let script = format!(
        "ulimit -n 64; exec '{}' pin --write . {}",
        program.display(),
        mirrors.join(" ")
    );
    let mut limited = std::process::Command::new("sh");
    limited
        .args(["-c", &script])
        .current_dir(sandbox.path())
        .env("CHARTPIN_CACHE_DIR", sandbox.path().join(".git/cache"));
    let out = limited.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let pinned = (0..150)
        .filter(|chart| sandbox.read(&format!("c{chart}/values.yaml")).contains("@sha256:"))
        .count();
    assert_eq!(pinned, 150);
    assert!(sandbox.path().join("linked/values.yaml").is_symlink());
}

#[test]
fn a_number_as_tag_is_pinned_as_it_is_written_and_said() {
    let (_registry, mirrors) = answering(&["ghcr.io"]);
    let sandbox = Sandbox::new();
    let text = "a: {image: {repository: ghcr.io/org/a, tag: 1.40}}\nb: {image: {repository: ghcr.io/org/b, tag: 1.40, digest: }}\n";
    sandbox.write("values.yaml", text);
    let out = with_mirrors(&sandbox, &["pin", "values.yaml", "--write"], &mirrors);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(
        out.stderr.contains(
            "`values.yaml:1`: the tag `1.40` is pinned as it is written; without a digest, Helm prints `1.4` of it"
        ),
        "{}",
        out.stderr
    );
    assert!(
        out.stderr
            .contains("1 image left alone: Helm reads its tag as a number and prints another one"),
        "{}",
        out.stderr
    );
    assert_eq!(sandbox.run(&["unpin", "values.yaml", "--write"]).code, 0);
    assert_eq!(sandbox.read("values.yaml"), text.replacen("1.40", "\"1.40\"", 1));
}
