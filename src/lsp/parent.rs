//! Whether the process that started the server still lives: a client that dies does not always close its pipes.

use std::time::Duration;

/// How often it is looked at.
const PAUSE: Duration = Duration::from_secs(2);

/// Calls `gone` once, from a thread of its own, when the process of this id is no more. A process that is not there from the beginning lives
/// elsewhere, in another container say, and is not watched.
#[cfg(unix)]
pub(super) fn watch(id: i32, gone: impl FnOnce() + Send + 'static) {
    let Some(process) = rustix::process::Pid::from_raw(id).filter(|_| id > 0) else {
        return;
    };
    let lives = move || rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH);
    if !lives() {
        return;
    }
    let watching = move || {
        while lives() {
            std::thread::sleep(PAUSE);
        }
        gone();
    };
    // Without a thread to watch on, the end of standard input still tells.
    let _ = std::thread::Builder::new().name("parent".to_owned()).spawn(watching);
}

/// Elsewhere the end of standard input is what tells.
#[cfg(not(unix))]
pub(super) fn watch(_id: i32, _gone: impl FnOnce() + Send + 'static) {}
