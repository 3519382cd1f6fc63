//! The other side of the conversation: what it can, and what it is told.

use std::collections::HashMap;
use std::io::Write;

use gen_lsp_types::json_rpc::{Error, Id, RequestObject, ResponseObject};
use gen_lsp_types::{
    ErrorCodes, LogMessageNotification, LogMessageParams, LspNotificationMethod, MessageType, Notification, Request,
    ShowMessageNotification, ShowMessageParams,
};
use serde::Serialize;
use serde_json::Value;

use super::positions::Encoding;
use super::wire::write;

/// The error code for a request that its client took back (Language Server Protocol 3.18, `ErrorCodes`).
const CANCELLED: i32 = -32800;

/// The error code for a request that is right and could not be done.
const FAILED: i32 = -32803;

/// What a client can.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a capability of its own")]
pub(super) struct Abilities {
    /// How it counts characters.
    pub encoding: Encoding,
    /// It takes actions that are more than commands.
    pub actions: bool,
    /// It takes edits that are bound to versions.
    pub versions: bool,
    /// It applies edits that a server sends.
    pub apply_edit: bool,
    /// It shows further places of diagnostics.
    pub related: bool,
    /// It watches files that a server names.
    pub watch: bool,
    /// It shows Markdown where the cursor is.
    pub markdown: bool,
}

impl Abilities {
    /// What capabilities say. Only what is needed is looked at, so that a client that is wrong in something else is served all the same.
    pub(super) fn of(capabilities: &Value) -> Self {
        let can = |path: &str| capabilities.pointer(path) == Some(&Value::Bool(true));
        let listed = |path: &str| {
            let list = capabilities.pointer(path).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str)
        };
        Self {
            encoding: Encoding::of(listed("/general/positionEncodings")),
            actions: capabilities
                .pointer("/textDocument/codeAction/codeActionLiteralSupport")
                .is_some_and(Value::is_object),
            versions: can("/workspace/workspaceEdit/documentChanges"),
            apply_edit: can("/workspace/applyEdit"),
            related: can("/textDocument/publishDiagnostics/relatedInformation"),
            watch: can("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            markdown: listed("/textDocument/hover/contentFormat").any(|format| format == "markdown"),
        }
    }
}

/// Why a request gets no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    code: ErrorCodes,
    message: String,
}

impl Refusal {
    pub(super) fn new(code: ErrorCodes, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    /// What is wrong.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The request is right and could not be done.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorCodes::Custom(FAILED), message)
    }

    /// The client took the request back, or left.
    pub(super) fn cancelled() -> Self {
        Self::new(ErrorCodes::Custom(CANCELLED), "the request was cancelled")
    }
}

/// What a request of the server was about, for when its answer comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// To apply edits.
    Edit,
    /// To watch files.
    Watch,
}

/// A notification (JSON-RPC 2.0, section 4.1), whose parameters are written as they stand: there may be many.
#[derive(Serialize)]
struct Telling<'a, P> {
    jsonrpc: &'static str,
    method: LspNotificationMethod<'static>,
    params: &'a P,
}

/// The client: everything that is said to it goes through here.
pub(super) struct Client {
    out: Box<dyn Write>,
    asked: HashMap<Id, Asked>,
    requests: i64,
    /// What it can.
    pub abilities: Abilities,
    /// Whether it does not listen any more.
    pub is_gone: bool,
}

impl Client {
    pub(super) fn new(out: impl Write + 'static) -> Self {
        Self {
            out: Box::new(out),
            asked: HashMap::new(),
            requests: 0,
            abilities: Abilities::default(),
            is_gone: false,
        }
    }

    fn send(&mut self, message: &impl Serialize) {
        self.is_gone |= write(&mut self.out, message).is_err();
    }

    /// Answers a request.
    pub(super) fn answer<R: Request>(&mut self, id: Id, result: R::Result) {
        self.send(&ResponseObject::from_success::<R>(id, result));
    }

    /// Answers a request with why there is no result.
    pub(super) fn refuse(&mut self, id: Id, refusal: Refusal) {
        let error = Error {
            code: refusal.code,
            message: refusal.message,
            data: None,
        };
        self.send(&ResponseObject::from_error(id, error));
    }

    /// Tells it something.
    pub(super) fn notify<N: Notification>(&mut self, params: &N::Params) {
        self.send(&Telling {
            jsonrpc: "2.0",
            method: N::METHOD,
            params,
        });
    }

    /// Asks it for something.
    pub(super) fn ask<R: Request>(&mut self, params: R::Params, about: Asked) {
        self.requests += 1;
        let id = Id::Number(self.requests);
        self.asked.insert(id.clone(), about);
        self.send(&RequestObject::from_request::<R>(id, params));
    }

    /// What an answer is to; nothing where nobody asked.
    pub(super) fn asked(&mut self, id: &Id) -> Option<Asked> {
        self.asked.remove(id)
    }

    /// Shows a person a message.
    pub(super) fn show(&mut self, kind: MessageType, message: impl Into<String>) {
        let message = format!("chartpin: {}", message.into());
        self.notify::<ShowMessageNotification>(&ShowMessageParams { kind, message });
    }

    /// Keeps a message for who looks for it.
    pub(super) fn log(&mut self, kind: MessageType, message: impl Into<String>) {
        let message = message.into();
        self.notify::<LogMessageNotification>(&LogMessageParams { kind, message });
    }
}

/// Reads the parameters of a request or a notification.
pub(super) fn params<T: serde::de::DeserializeOwned>(method: &str, params: Value) -> Result<T, Refusal> {
    let wrong = |error: serde_json::Error| {
        let said = without_types(&error.to_string());
        Refusal::new(ErrorCodes::InvalidParams, format!("`{method}`: {said}"))
    };
    serde_json::from_value(params).map_err(wrong)
}

/// An error of JSON without the names that types have in this program, which say nothing to whoever wrote the client.
fn without_types(error: &str) -> String {
    if error.starts_with("data did not match any variant of untagged enum ") {
        return "a part of the parameters has no shape that the protocol gives it".to_owned();
    }
    match error.rsplit_once(", expected struct ") {
        Some((said, _)) => format!("{said}, expected an object"),
        None => error.to_owned(),
    }
}
