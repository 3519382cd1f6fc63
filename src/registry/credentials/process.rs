//! One run of a credential helper's program, within limits. It must not know what the answer means.
//!
//! The program's output is read on threads. A process that it left behind may hold the pipes open for ever, so the end
//! is not waited for: when the program is gone, this side writes a mark behind all that the program wrote.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The most that is kept of an output, in bytes.
const MAX_OUTPUT: usize = 1024 * 1024;

/// The mark behind an output: a byte that no UTF-8 has, and so no answer.
const END: u8 = 0xff;

/// How long to sleep between two looks at the program.
const NAP: Duration = Duration::from_millis(5);

/// What a program said before it ended.
pub(super) struct Output {
    pub(super) status: ExitStatus,
    /// What it wrote to its standard output.
    pub(super) out: Vec<u8>,
    /// What it wrote to its standard error: it may hold secrets, and is never shown.
    pub(super) err: Vec<u8>,
    /// Whether its standard output was longer than what is kept.
    pub(super) is_cut: bool,
}

/// Runs `program get` with a line of input; nothing where it took longer than `limit` and was killed.
///
/// # Errors
/// When the system refuses.
pub(super) fn run(program: &Path, line: &str, limit: Duration) -> io::Result<Option<Output>> {
    let out = Collector::start()?;
    let err = match Collector::start() {
        Ok(err) => err,
        Err(error) => {
            out.finish();
            return Err(error);
        }
    };
    let status = spawn(program, &out, &err).and_then(|child| wait(child, line, limit));
    let (mut out, err) = (out.finish(), err.finish());
    let is_cut = out.len() > MAX_OUTPUT;
    out.truncate(MAX_OUTPUT);
    Ok(status?.map(|status| Output {
        status,
        out,
        err,
        is_cut,
    }))
}

fn spawn(program: &Path, out: &Collector, err: &Collector) -> io::Result<Child> {
    Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(out.writer.try_clone()?)
        .stderr(err.writer.try_clone()?)
        .spawn()
}

/// Hands over the line, which is shorter than a pipe is, and waits; the child is gone afterwards in any case.
fn wait(mut child: Child, line: &str, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input may still answer.
        let _ = stdin.write_all(line.as_bytes());
    }
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < deadline => thread::sleep(NAP),
            Ok(Some(status)) => return Ok(Some(status)),
            stuck => {
                // It may have ended meanwhile, and then there is nothing to kill.
                let _ = child.kill();
                child.wait()?;
                return stuck;
            }
        }
    }
}

/// A thread that reads what comes through a pipe.
struct Collector {
    writer: PipeWriter,
    thread: JoinHandle<Vec<u8>>,
}

impl Collector {
    fn start() -> io::Result<Self> {
        let (reader, writer) = pipe()?;
        let thread = thread::Builder::new().spawn(move || collect(reader))?;
        Ok(Self { writer, thread })
    }

    /// What was written until now: at most one byte more than is to be kept, to tell that something is cut.
    fn finish(mut self) -> Vec<u8> {
        // When the thread is gone already, nobody needs the mark.
        let _ = self.writer.write_all(&[END]);
        self.thread.join().unwrap_or_default()
    }
}

/// Reads up to the mark, and keeps the beginning.
fn collect(mut reader: PipeReader) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = [0; 8 * 1024];
    loop {
        let read = match reader.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(read) if read > 0 => &chunk[..read],
            _ => return kept,
        };
        let end = read.iter().position(|byte| *byte == END);
        let read = &read[..end.unwrap_or(read.len())];
        let room = MAX_OUTPUT + 1 - kept.len();
        kept.extend_from_slice(&read[..read.len().min(room)]);
        if end.is_some() {
            return kept;
        }
    }
}
