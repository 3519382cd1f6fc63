//! The conversation: its beginning and its end, and who answers what.

mod editing;
mod greeting;
mod pins;
mod publishing;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use gen_lsp_types::json_rpc::Id;
use gen_lsp_types::{
    CodeActionParams, CodeActionRequest, DidCloseTextDocumentParams, DocumentLinkParams, DocumentLinkRequest,
    ErrorCodes, HoverParams, HoverRequest, LspNotificationMethod, LspRequestMethod, MessageType,
    PublishDiagnosticsParams, ShutdownRequest, Uri,
};
use serde_json::Value;

use super::actions::actions;
use super::client::{Client, Refusal, params};
use super::documents::Documents;
use super::hover::hover;
use super::links::links;
use super::pinning::Waiting;
use super::uri::path_of;
use super::view::View;
use super::wire::{Incoming, WireError, read};
use super::workspace::Workspace;
use crate::config::PinSettings;
use crate::guard::guarded;
use crate::registry;
use crate::resolution::Resolutions;

/// How registries are asked under a configuration, whose folder is given; or why they cannot be.
type RegistryOptions = dyn Fn(&PinSettings, &Path) -> Result<registry::Options, String> + Send;

/// What of the environment a server takes.
pub struct World {
    /// How registries are asked.
    pub registries: Box<RegistryOptions>,
}

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As the protocol has it.
    Orderly,
    /// The client left without a word, or said `exit` before `shutdown`.
    Abrupt,
}

/// What happens to a server.
enum Event {
    Message(Incoming),
    Broken(WireError),
    /// The client is gone.
    Gone,
    /// Registries answered the request of this id.
    Answered(Id, Result<Resolutions, String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Running,
    ShutDown,
}

/// Talks to a client until one of both ends it. `input` is read on a thread of its own.
///
/// # Errors
/// When what the client sends is no message, so that nobody knows where the next one starts.
pub fn serve(
    world: World,
    input: impl Read + Send + 'static,
    output: impl Write + 'static,
) -> Result<Ending, WireError> {
    let (events, incoming) = channel();
    let reading = events.clone();
    std::thread::Builder::new()
        .name("client".to_owned())
        .spawn(move || listen(input, &reading))?;
    let mut server = Server {
        world,
        events,
        client: Client::new(output),
        state: State::New,
        documents: Documents::default(),
        workspace: Workspace::default(),
        pins: Vec::new(),
        asking: Arc::default(),
        published: BTreeMap::new(),
        configurations: BTreeSet::new(),
        told: BTreeSet::new(),
    };
    server.run(&incoming)
}

/// Hands over what the client sends until it sends no more.
fn listen(input: impl Read, events: &Sender<Event>) {
    let mut input = BufReader::new(input);
    loop {
        let event = match read(&mut input) {
            Ok(Some(message)) => Event::Message(message),
            Ok(None) => Event::Gone,
            Err(error) => Event::Broken(error),
        };
        let is_last = !matches!(event, Event::Message(_));
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}

struct Server {
    world: World,
    events: Sender<Event>,
    client: Client,
    state: State,
    documents: Documents,
    workspace: Workspace,
    /// Commands that wait for registries.
    pins: Vec<(Id, Waiting)>,
    /// Held by every thread that asks registries.
    asking: Arc<()>,
    /// What the client shows for each file.
    published: BTreeMap<PathBuf, PublishDiagnosticsParams>,
    /// The open configurations that are new, or others.
    configurations: BTreeSet<PathBuf>,
    /// What a person was told of configurations already.
    told: BTreeSet<String>,
}

impl Server {
    fn run(&mut self, incoming: &Receiver<Event>) -> Result<Ending, WireError> {
        loop {
            let event = match incoming.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Disconnected) => Event::Gone,
                Err(TryRecvError::Empty) => {
                    // What came in at once is answered at once: only the last of several changes is looked at.
                    self.settle();
                    incoming.recv().unwrap_or(Event::Gone)
                }
            };
            if let Some(ending) = self.take(event)? {
                return Ok(ending);
            }
            if self.client.is_gone {
                return Ok(self.ending());
            }
        }
    }

    fn ending(&self) -> Ending {
        if self.state == State::ShutDown {
            Ending::Orderly
        } else {
            Ending::Abrupt
        }
    }

    fn take(&mut self, event: Event) -> Result<Option<Ending>, WireError> {
        match event {
            Event::Gone => return Ok(Some(self.ending())),
            Event::Broken(error) => return Err(error),
            Event::Answered(id, said) => self.answered(&id, said),
            Event::Message(Incoming::Request { id, method, params }) => self.request(id, &method, params),
            Event::Message(Incoming::Notification { method, params }) => {
                if LspNotificationMethod::from(method.as_str()) == LspNotificationMethod::Exit {
                    return Ok(Some(self.ending()));
                }
                self.notification(&method, params);
            }
            Event::Message(Incoming::Response { id, result }) => self.response(&id, result),
            Event::Message(Incoming::NotJson(error)) => {
                self.client
                    .refuse(Id::Null, Refusal::new(ErrorCodes::ParseError, error));
            }
            Event::Message(Incoming::NoMessage(id)) => {
                let message = "this is neither a request nor a notification nor a response";
                self.client
                    .refuse(id, Refusal::new(ErrorCodes::InvalidRequest, message));
            }
        }
        Ok(None)
    }

    fn request(&mut self, id: Id, method: &str, given: Value) {
        let kind = LspRequestMethod::from(method);
        match (self.state, kind) {
            (State::New, LspRequestMethod::Initialize) => return self.initialize(id, &given),
            (State::New, _) => {
                let refusal = Refusal::new(ErrorCodes::ServerNotInitialized, "`initialize` comes first");
                return self.client.refuse(id, refusal);
            }
            (State::ShutDown, _) | (State::Running, LspRequestMethod::Initialize) => {
                let message = format!("`{method}` does not come here: the server runs once, until `shutdown`");
                return self
                    .client
                    .refuse(id, Refusal::new(ErrorCodes::InvalidRequest, message));
            }
            (State::Running, _) => {}
        }
        self.settle();
        let done = guarded(&format!("`{method}`"), || {
            self.dispatch(id.clone(), method, kind, given)
        });
        if let Err(refusal) = done.unwrap_or_else(|bug| Err(Refusal::new(ErrorCodes::InternalError, bug))) {
            self.client.refuse(id, refusal);
        }
    }

    fn dispatch(&mut self, id: Id, method: &str, kind: LspRequestMethod<'_>, given: Value) -> Result<(), Refusal> {
        match kind {
            LspRequestMethod::Shutdown => {
                for (id, _) in std::mem::take(&mut self.pins) {
                    self.client.refuse(id, Refusal::cancelled());
                }
                self.state = State::ShutDown;
                self.client.answer::<ShutdownRequest>(id, ());
            }
            LspRequestMethod::TextDocumentHover => {
                let params: HoverParams = params(method, given)?;
                let at = params.text_document_position_params;
                let said = self
                    .view(&at.text_document.uri)
                    .and_then(|view| hover(&view, at.position));
                self.client.answer::<HoverRequest>(id, said);
            }
            LspRequestMethod::TextDocumentCodeAction => {
                let params: CodeActionParams = params(method, given)?;
                let view = self.view(&params.text_document.uri);
                let found = view.map(|view| actions(&view, &params)).unwrap_or_default();
                self.client.answer::<CodeActionRequest>(id, Some(found));
            }
            LspRequestMethod::TextDocumentDocumentLink => {
                let params: DocumentLinkParams = params(method, given)?;
                let found = self.view(&params.text_document.uri).map(|view| links(&view));
                self.client
                    .answer::<DocumentLinkRequest>(id, Some(found.unwrap_or_default()));
            }
            LspRequestMethod::WorkspaceExecuteCommand => self.execute(&id, params(method, given)?)?,
            _ => {
                let message = format!("`{method}` is nothing that chartpin does");
                return Err(Refusal::new(ErrorCodes::MethodNotFound, message));
            }
        }
        Ok(())
    }

    fn view(&self, uri: &Uri) -> Option<View<'_>> {
        View::of(&path_of(uri)?, &self.documents, &self.workspace, self.client.abilities)
    }

    fn notification(&mut self, method: &str, given: Value) {
        if self.state != State::Running {
            return;
        }
        if let Err(refusal) = self.note(method, given) {
            self.client.log(MessageType::Warning, refusal.message());
        }
    }

    /// Takes in a notification; one that is not known is none that matters.
    fn note(&mut self, method: &str, given: Value) -> Result<(), Refusal> {
        match LspNotificationMethod::from(method) {
            LspNotificationMethod::Initialized => self.watch(),
            LspNotificationMethod::TextDocumentDidOpen => self.opened(params(method, given)?),
            LspNotificationMethod::TextDocumentDidChange => self.changed(method, given)?,
            LspNotificationMethod::TextDocumentDidClose => {
                let params: DidCloseTextDocumentParams = params(method, given)?;
                self.let_go(&params.text_document.uri);
            }
            // Who watches files says so of one that is saved, too.
            LspNotificationMethod::TextDocumentDidSave if self.client.abilities.watch => {}
            LspNotificationMethod::TextDocumentDidSave | LspNotificationMethod::WorkspaceDidChangeWatchedFiles => {
                self.workspace.distrust_disk();
            }
            LspNotificationMethod::CancelRequest => {
                let id = given.get("id").cloned();
                if let Some(id) = id.and_then(|id| serde_json::from_value(id).ok()) {
                    self.cancel(&id);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
