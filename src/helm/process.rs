//! One run of a program, within limits of time and length. It must not know what the program prints.
//!
//! What the program prints goes to temporary files, whose length is looked at while it runs. Files need no reader: nothing can
//! block, and a process that the program leaves behind can hold on to them without anybody waiting for it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::HelmError;

/// How much of the end of the standard error is kept, in bytes.
const MAX_ERROR: u64 = 64 * 1024;

/// How long to sleep between two looks at the program.
const NAP: Duration = Duration::from_millis(5);

/// What a program said before it ended.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) status: ExitStatus,
    /// What it wrote to its standard output.
    pub(super) out: Vec<u8>,
    /// The end of what it wrote to its standard error.
    pub(super) err: Vec<u8>,
}

/// Runs a program without input. When it takes longer or prints more than it may, it is killed with every process that it started.
pub(super) fn run(command: &mut Command, limit: Duration, max_output: u64) -> Result<Output, HelmError> {
    let out = NamedTempFile::new().map_err(HelmError::Temporary)?;
    let err = NamedTempFile::new().map_err(HelmError::Temporary)?;
    let mut child = spawn(command, &out, &err).map_err(HelmError::Broken)?;
    let files = [out.as_file(), err.as_file()];
    let ended = wait(&mut child, limit, max_output, files);
    if ended.is_err() {
        kill(&mut child);
        child.wait().map_err(HelmError::Broken)?;
    }
    let status = ended?;
    check_length(files, max_output)?;
    Ok(Output {
        status,
        out: read_end(&out, max_output).map_err(HelmError::Temporary)?,
        err: read_end(&err, MAX_ERROR).map_err(HelmError::Temporary)?,
    })
}

fn spawn(command: &mut Command, out: &NamedTempFile, err: &NamedTempFile) -> io::Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(out.as_file().try_clone()?)
        .stderr(err.as_file().try_clone()?);
    lead_group(command);
    command.spawn()
}

/// Waits for the end of the program. Where this is an error, nobody has waited for it, and its number is still its own.
fn wait(child: &mut Child, limit: Duration, max_output: u64, files: [&File; 2]) -> Result<ExitStatus, HelmError> {
    let start = Instant::now();
    loop {
        check_length(files, max_output)?;
        match child.try_wait().map_err(HelmError::Broken)? {
            Some(status) => return Ok(status),
            None if start.elapsed() > limit => return Err(HelmError::TimedOut(limit.as_secs_f64())),
            None => thread::sleep(NAP),
        }
    }
}

fn check_length(files: [&File; 2], max_output: u64) -> Result<(), HelmError> {
    for file in files {
        if file.metadata().map_err(HelmError::Temporary)?.len() > max_output {
            return Err(HelmError::TooLong(max_output));
        }
    }
    Ok(())
}

/// The last `limit` bytes of a file, read through a handle of its own: the other's place in the file is shared with the program.
fn read_end(file: &NamedTempFile, limit: u64) -> io::Result<Vec<u8>> {
    let mut file = file.reopen()?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(limit)))?;
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes the program the leader of a process group, so that what it starts can be killed with it.
#[cfg(unix)]
fn lead_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    command.process_group(0);
}

#[cfg(not(unix))]
fn lead_group(_: &mut Command) {}

/// Kills the program and its group.
#[cfg(unix)]
fn kill(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};

    // Both may have ended meanwhile, and then there is nothing to kill.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.kill();
}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    // It may have ended meanwhile, and then there is nothing to kill.
    let _ = child.kill();
}
