//! An editor for tests: raw messages to the program's standard input, and what comes back.

use std::collections::VecDeque;
use std::io::{BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Sandbox, command};

/// How long a message is waited for before a test fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A running server and its editor.
pub(super) struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    incoming: Receiver<Value>,
    stderr: Option<JoinHandle<String>>,
    /// What came and was not asked for yet.
    kept: VecDeque<Value>,
    requests: i64,
    /// Why edits are refused, where they are.
    refusal: Option<String>,
}

impl Editor {
    /// A server that was told nothing yet.
    pub(super) fn spawn(dir: &Path) -> Self {
        let mut child = command(dir)
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let (sender, incoming) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut stdout) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        Self {
            input: child.stdin.take(),
            child,
            incoming,
            stderr: Some(stderr),
            kept: VecDeque::new(),
            requests: 0,
            refusal: None,
        }
    }

    /// A server whose client can everything.
    pub(super) fn start(dir: &Path) -> Self {
        let mut editor = Self::spawn(dir);
        editor.initialize(&everything());
        editor
    }

    /// Greets the server as a client of these capabilities; gives its answer.
    pub(super) fn initialize(&mut self, capabilities: &Value) -> Value {
        let params = json!({"processId": std::process::id(), "rootUri": null, "capabilities": capabilities});
        let answer = self.request("initialize", params).unwrap();
        self.notify("initialized", &json!({}));
        answer
    }

    pub(super) fn send_raw(&mut self, bytes: &[u8]) {
        // A server that has seen enough does not read the rest.
        drop(self.input.as_mut().unwrap().write_all(bytes));
    }

    pub(super) fn send_body(&mut self, body: &str) {
        self.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        self.send_body(&message.to_string());
    }

    pub(super) fn notify(&mut self, method: &str, params: &Value) {
        self.send(json!({"method": method, "params": params}));
    }

    fn send_request(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let id = if self.requests % 2 == 0 {
            json!(self.requests)
        } else {
            json!(format!("r{}", self.requests))
        };
        self.send(json!({"id": id, "method": method, "params": params}));
        id
    }

    /// Sends a request and gives its result, or the code and the message of its error.
    pub(super) fn request(&mut self, method: &str, params: impl Into<Value>) -> Result<Value, (i64, String)> {
        let id = self.send_request(method, &params.into());
        self.answer(&id)
    }

    /// The answer to a request.
    pub(super) fn answer(&mut self, id: &Value) -> Result<Value, (i64, String)> {
        let message = self.wait_for(|message| message["id"] == *id && message["method"].is_null());
        match message.get("error") {
            Some(error) => Err((
                error["code"].as_i64().unwrap(),
                error["message"].as_str().unwrap().to_owned(),
            )),
            None => Ok(message["result"].clone()),
        }
    }

    /// The first message that is such, of those that were not asked for yet; requests of the server are answered on the way.
    pub(super) fn wait_for(&mut self, such: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.kept.iter().position(&such) {
            return self.kept.remove(index).unwrap();
        }
        loop {
            let message = self.next();
            if such(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    fn next(&mut self) -> Value {
        let message = self.incoming.recv_timeout(PATIENCE);
        let message = message.unwrap_or_else(|error| panic!("{error}; unread: {:?}", self.kept));
        assert_eq!(message["jsonrpc"], "2.0");
        if let (Some(method), Some(id)) = (message["method"].as_str(), message.get("id")) {
            let result = match (method, &self.refusal) {
                ("workspace/applyEdit", Some(why)) => json!({"applied": false, "failureReason": why}),
                ("workspace/applyEdit", None) => json!({"applied": true}),
                _ => Value::Null,
            };
            self.send(json!({"id": id, "result": result}));
        }
        message
    }

    /// The parameters of the next message of this method.
    pub(super) fn wait(&mut self, method: &str) -> Value {
        self.wait_for(|message| message["method"] == method)["params"].clone()
    }

    /// The diagnostics that are published next for this version of a document.
    pub(super) fn published(&mut self, uri: &str, version: i32) -> Value {
        let such = |message: &Value| message["params"]["uri"] == uri && message["params"]["version"] == version;
        self.wait_for(such)["params"]["diagnostics"].clone()
    }

    /// What came and was not asked for.
    pub(super) fn unread(&self) -> &VecDeque<Value> {
        &self.kept
    }

    /// Opens a document with this text; gives its address.
    pub(super) fn open(&mut self, sandbox: &Sandbox, path: &str, text: &str) -> String {
        let uri = uri_of(&sandbox.path().join(path));
        self.open_uri(&uri, text);
        uri
    }

    /// Opens a document with the text that is on disk.
    pub(super) fn open_as_is(&mut self, sandbox: &Sandbox, path: &str) -> String {
        self.open(sandbox, path, &sandbox.read(path))
    }

    pub(super) fn open_uri(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.notify("textDocument/didOpen", &json!({"textDocument": document}));
    }

    pub(super) fn change(&mut self, uri: &str, version: i32, changes: &Value) {
        let document = json!({"uri": uri, "version": version});
        self.notify(
            "textDocument/didChange",
            &json!({"textDocument": document, "contentChanges": changes}),
        );
    }

    /// The text of the hover at a place.
    pub(super) fn hover(&mut self, uri: &str, line: u32, character: u32) -> String {
        let position = json!({"line": line, "character": character});
        let params = json!({"textDocument": {"uri": uri}, "position": position});
        let answer = self.request("textDocument/hover", params).unwrap();
        answer["contents"]["value"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// The code actions at a place.
    pub(super) fn actions(&mut self, uri: &str, range: &Value, context: &Value) -> Vec<Value> {
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
        self.request("textDocument/codeAction", params)
            .unwrap()
            .as_array()
            .unwrap()
            .clone()
    }

    /// Sends the command that pins one image, and does not wait; gives the id of the request.
    pub(super) fn send_pin(&mut self, uri: &str, path: &str) -> Value {
        let params = json!({"command": "chartpin.pin", "arguments": [{"uri": uri, "path": path}]});
        self.send_request("workspace/executeCommand", &params)
    }

    /// Says that a file is another one on disk.
    pub(super) fn changed_on_disk(&mut self, uri: &str) {
        let event = json!({"changes": [{"uri": uri, "type": 2}]});
        self.notify("workspace/didChangeWatchedFiles", &event);
    }

    /// Refuses edits from now on.
    pub(super) fn refuse_edits(&mut self, why: &str) {
        self.refusal = Some(why.to_owned());
    }

    /// Closes the server's standard input.
    pub(super) fn hang_up(&mut self) {
        self.input = None;
    }

    /// Waits for the end; gives the exit code and standard error.
    pub(super) fn ended(&mut self) -> (i32, String) {
        while self.incoming.recv_timeout(PATIENCE).is_ok() {}
        let stderr = self.stderr.take().unwrap().join().unwrap();
        (self.child.wait().unwrap().code().unwrap(), stderr)
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // A test that failed leaves a server behind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The address of a file.
pub(super) fn uri_of(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.to_str().unwrap().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// The capabilities of a client that can everything that the server asks for.
pub(super) fn everything() -> Value {
    json!({
        "workspace": {
            "applyEdit": true,
            "workspaceEdit": {"documentChanges": true},
            "didChangeWatchedFiles": {"dynamicRegistration": true},
        },
        "textDocument": {
            "publishDiagnostics": {"relatedInformation": true, "versionSupport": true},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
            "hover": {"contentFormat": ["markdown", "plaintext"]},
        },
    })
}

fn read(input: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => length = header.strip_prefix("Content-Length: ").unwrap().parse().unwrap(),
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).unwrap();
    Some(serde_json::from_slice(&body).unwrap())
}

/// The edits of the one document that a workspace edit changes, which is this version of it.
pub(super) fn only_edit<'a>(edit: &'a Value, uri: &str, version: i32) -> &'a [Value] {
    let changes = edit["documentChanges"].as_array().unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["textDocument"], json!({"uri": uri, "version": version}));
    changes[0]["edits"].as_array().unwrap()
}

/// The kinds of actions.
pub(super) fn kinds(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|action| action["kind"].as_str().unwrap()).collect()
}

/// The text with edits in it, positions counted in UTF-16.
pub(super) fn applied(text: &str, edits: &[Value]) -> String {
    let offset = |place: &Value| -> usize {
        let (line, character) = (place["line"].as_u64().unwrap(), place["character"].as_u64().unwrap());
        let start: usize = text
            .split_inclusive('\n')
            .take(usize::try_from(line).unwrap())
            .map(str::len)
            .sum();
        let mut left = character;
        let inner = text[start..].char_indices().find(|(_, c)| {
            let is_there = left == 0;
            left = left.saturating_sub(c.len_utf16() as u64);
            is_there
        });
        inner.map_or(text.len(), |(at, _)| start + at)
    };
    let mut sorted: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let (start, end) = (&edit["range"]["start"], &edit["range"]["end"]);
            (offset(start), offset(end), edit["newText"].as_str().unwrap())
        })
        .collect();
    sorted.sort_unstable();
    let mut out = text.to_owned();
    for (start, end, new) in sorted.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}
