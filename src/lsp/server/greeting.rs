//! How a conversation begins: what the client can, and what the server says that it does.

use std::path::PathBuf;

use gen_lsp_types::json_rpc::Id;
use gen_lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProvider, DidChangeWatchedFilesRegistrationOptions,
    DocumentLinkOptions, ErrorCodes, ExecuteCommandOptions, FileSystemWatcher, GlobPattern, HoverProvider,
    InitializeRequest, InitializeResult, LspNotificationMethod, Registration, RegistrationParams, RegistrationRequest,
    Save, ServerCapabilities, ServerInfo, TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
};
use serde_json::Value;

use super::{Event, Server, State};
use crate::lsp::actions::{FIX_ALL, PIN_ALL};
use crate::lsp::client::{Abilities, Asked, Refusal};
use crate::lsp::parent;
use crate::lsp::pinning::COMMAND;
use crate::lsp::uri::path_of;

/// The files whose changes on disk count.
const WATCHED: [&str; 6] = [
    "**/*.yaml",
    "**/*.yml",
    "**/*.tpl",
    "**/.helmignore",
    "**/*.jsonl",
    "**/charts/*.tgz",
];

impl Server {
    /// Answers the request that comes first.
    pub(super) fn initialize(&mut self, id: Id, given: &Value) {
        if !given.is_object() {
            let refusal = Refusal::new(ErrorCodes::InvalidParams, "`initialize` takes an object");
            return self.client.refuse(id, refusal);
        }
        self.client.abilities = Abilities::of(&given["capabilities"]);
        self.workspace.folders = folders(given);
        if let Some(process) = given["processId"]
            .as_i64()
            .and_then(|process| i32::try_from(process).ok())
        {
            let events = self.events.clone();
            parent::watch(process, move || drop(events.send(Event::Gone)));
        }
        self.state = State::Running;
        let result = InitializeResult {
            capabilities: self.capabilities(),
            server_info: Some(ServerInfo {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        };
        self.client.answer::<InitializeRequest>(id, result);
    }

    fn capabilities(&self) -> ServerCapabilities {
        let kinds = vec![
            CodeActionKind::QuickFix,
            CodeActionKind::RefactorRewrite,
            FIX_ALL,
            PIN_ALL,
        ];
        ServerCapabilities {
            position_encoding: Some(self.client.abilities.encoding.kind()),
            text_document_sync: Some(TextDocumentSync::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::Incremental),
                save: Some(Save::Bool(true)),
                ..TextDocumentSyncOptions::default()
            })),
            hover_provider: Some(HoverProvider::Bool(true)),
            code_action_provider: Some(CodeActionProvider::CodeActionOptions(CodeActionOptions {
                code_action_kinds: Some(kinds),
                ..CodeActionOptions::default()
            })),
            document_link_provider: Some(DocumentLinkOptions {
                resolve_provider: Some(false),
                ..DocumentLinkOptions::default()
            }),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: vec![COMMAND.to_owned()],
                ..ExecuteCommandOptions::default()
            }),
            ..ServerCapabilities::default()
        }
    }

    /// Asks to be told of changes on disk, where the client can do that.
    pub(super) fn watch(&mut self) {
        if !self.client.abilities.watch {
            return;
        }
        let watcher = |glob: &str| FileSystemWatcher {
            glob_pattern: GlobPattern::Pattern(glob.to_owned()),
            kind: None,
        };
        let options = DidChangeWatchedFilesRegistrationOptions {
            watchers: WATCHED.iter().map(|glob| watcher(glob)).collect(),
        };
        let registration = Registration {
            id: "files".to_owned(),
            method: LspNotificationMethod::WorkspaceDidChangeWatchedFiles.to_string(),
            register_options: serde_json::to_value(options).ok(),
        };
        let params = RegistrationParams {
            registrations: vec![registration],
        };
        self.client.ask::<RegistrationRequest>(params, Asked::Watch);
    }
}

/// The folders that a client has open.
fn folders(given: &Value) -> Vec<PathBuf> {
    let listed = given["workspaceFolders"].as_array();
    let addresses = listed.into_iter().flatten().map(|folder| &folder["uri"]);
    let all = addresses.chain([&given["rootUri"]]).filter_map(Value::as_str);
    all.filter_map(|address| path_of(&Uri::from(address))).collect()
}
