//! As much of HTTP/1.1 as a registry needs, over plain TCP and TLS.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use super::image::Image;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// `GET`, `HEAD`, `POST`.
    pub(crate) method: String,
    /// The path with its query, as it was written.
    pub(crate) path: String,
    /// The headers in their order, their names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The value of the first header of this name, which is to be in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// How much of an answer leaves.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sending {
    /// All of it.
    Whole,
    /// Half of the body, and then the connection is closed; nothing at all of an answer without one.
    Half,
    /// A body without a length that does not stop before 64 MiB.
    Endless,
}

/// An answer.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) sending: Sending,
}

impl Response {
    pub(super) fn new(status: u16, media_type: &str, body: Vec<u8>) -> Self {
        let bare = Self {
            status,
            headers: Vec::new(),
            body,
            sending: Sending::Whole,
        };
        bare.with("content-type", media_type)
            .with("docker-distribution-api-version", "registry/2.0")
    }

    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string().into_bytes())
    }

    /// A manifest as it is, under its digest.
    pub(super) fn image(image: &Image) -> Self {
        Self::new(200, image.media_type, image.body.clone()).with("docker-content-digest", &image.digest())
    }

    /// An error in the form of the distribution specification, with the code that goes with its status.
    pub(super) fn error(status: u16) -> Self {
        let code = match status {
            401 => "UNAUTHORIZED",
            403 => "DENIED",
            404 => "NAME_UNKNOWN",
            405 => "UNSUPPORTED",
            429 => "TOOMANYREQUESTS",
            _ => "UNKNOWN",
        };
        Self::error_as(status, code)
    }

    /// An error in the form of the distribution specification.
    pub(super) fn error_as(status: u16, code: &str) -> Self {
        let message = code.to_lowercase().replace('_', " ");
        Self::json(
            status,
            &json!({ "errors": [{ "code": code, "message": message, "detail": null }] }),
        )
    }

    /// With a header more, or another value for it.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.headers.retain(|(header, _)| header != name);
    }
}

/// The two ways that bytes go.
enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

/// A connection, at the registry's end.
pub(super) struct Wire(BufReader<Stream>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.get_mut() {
            Stream::Plain(stream) => stream.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.get_mut() {
            Stream::Plain(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}

impl Wire {
    pub(super) fn plain(stream: TcpStream) -> Self {
        Self(BufReader::new(Stream::Plain(stream)))
    }

    pub(super) fn tls(config: &Arc<ServerConfig>, stream: TcpStream) -> Self {
        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
        let stream = Box::new(StreamOwned::new(connection, stream));
        Self(BufReader::new(Stream::Tls(stream)))
    }

    /// The next request; none if the client is done.
    pub(super) fn request(&mut self) -> io::Result<Option<Request>> {
        let Some(start) = self.line()? else {
            return Ok(None);
        };
        let mut words = start.split(' ').map(str::to_owned);
        let mut request = Request {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        while let Some((name, value)) = self.line()?.unwrap_or_default().split_once(':') {
            request.headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let length = request.header("content-length").and_then(|length| length.parse().ok());
        self.0
            .by_ref()
            .take(length.unwrap_or(0))
            .read_to_end(&mut request.body)?;
        Ok(Some(request))
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = self.0.read_until(b'\n', &mut line)?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    /// Sends an answer, and says whether another request may follow on the connection.
    pub(super) fn send(&mut self, request: &Request, response: &Response, sent: &AtomicU64) -> io::Result<bool> {
        let bodiless = request.method == "HEAD";
        if bodiless && response.sending == Sending::Half {
            return self.cut().map(|()| false);
        }
        let body = response.body.as_slice();
        let claimed = response.headers.iter().any(|(name, _)| name == "content-length");
        let wished = request
            .header("connection")
            .is_some_and(|wish| wish.eq_ignore_ascii_case("close"));
        let closes = wished || (claimed && !bodiless);
        let mut bytes = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status)).into_bytes();
        for (name, value) in &response.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if response.sending == Sending::Endless {
            bytes.extend_from_slice(b"transfer-encoding: chunked\r\n");
        } else if !claimed {
            bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
        }
        let end: &[u8] = if closes { b"connection: close\r\n\r\n" } else { b"\r\n" };
        bytes.extend_from_slice(end);
        let leaving = match response.sending {
            _ if bodiless => &[],
            Sending::Endless => &[],
            Sending::Half => &body[..body.len() / 2],
            Sending::Whole => body,
        };
        bytes.extend_from_slice(leaving);
        self.write_all(&bytes)?;
        self.flush()?;
        sent.fetch_add(leaving.len() as u64, SeqCst);
        if response.sending == Sending::Endless && !bodiless {
            self.endless(sent)?;
        }
        if response.sending == Sending::Half {
            return self.cut().map(|()| false);
        }
        Ok(!closes)
    }

    /// A body in chunks: one JSON object of 64 MiB.
    fn endless(&mut self, sent: &AtomicU64) -> io::Result<()> {
        const CHUNK: usize = 64 * 1024;
        self.write_all(b"8\r\n{\"pad\":\"\r\n")?;
        let chunk = format!("{CHUNK:x}\r\n{}\r\n", "a".repeat(CHUNK));
        for _ in 0..1024 {
            self.write_all(chunk.as_bytes())?;
            sent.fetch_add(CHUNK as u64, SeqCst);
        }
        self.write_all(b"2\r\n\"}\r\n0\r\n\r\n")?;
        self.flush()
    }

    /// Ends the connection, under TLS with a farewell.
    pub(super) fn close(mut self) -> io::Result<()> {
        if let Stream::Tls(stream) = self.0.get_mut() {
            stream.conn.send_close_notify();
        }
        self.flush()?;
        self.cut()
    }

    /// Ends the connection without a word.
    fn cut(&self) -> io::Result<()> {
        match self.0.get_ref() {
            Stream::Plain(stream) => stream.shutdown(Shutdown::Both),
            Stream::Tls(stream) => stream.sock.shutdown(Shutdown::Both),
        }
    }
}

/// The words that go with a status.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        307 => "Temporary Redirect",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

/// The value of a `WWW-Authenticate` header that sends for a token, for a repository if there is a name, after an error if there was one.
pub(super) fn challenge(realm: &str, service: &str, name: &str, error: &str) -> String {
    let mut challenge = format!("Bearer realm=\"{realm}\",service=\"{service}\"");
    if !name.is_empty() {
        challenge += &format!(",scope=\"repository:{name}:pull\"");
    }
    if !error.is_empty() {
        challenge += &format!(",error=\"{error}\"");
    }
    challenge
}

/// A text without its percent escapes.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The fields of a query or a form.
pub(super) fn fields(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    split
        .map(|(key, value)| (decoded(key), decoded(&value.replace('+', " "))))
        .collect()
}

/// Bytes in Base64 with padding, as in `Authorization` and in Docker's configuration.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(*group.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let digit = char::from(ALPHABET[bits >> (18 - 6 * at) & 63]);
            text.push(if at <= group.len() { digit } else { '=' });
        }
    }
    text
}
