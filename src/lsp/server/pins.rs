//! Commands that pin: registries are asked, and what they say goes into the document as it is then.

use std::sync::Arc;

use gen_lsp_types::json_rpc::Id;
use gen_lsp_types::{
    ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest, ErrorCodes, ExecuteCommandParams, ExecuteCommandRequest,
    MessageType, WorkspaceEdit,
};
use serde_json::Value;

use super::{Event, Server};
use crate::guard::guarded;
use crate::lsp::client::{Asked, Refusal, params};
use crate::lsp::pinning::{self, COMMAND, Target, Waiting};
use crate::lsp::view::View;
use crate::resolution::Resolutions;

/// How many pins ask registries at once: each has a thread, which a registry that hangs keeps even where nobody waits any more.
const MAX_PINS: usize = 16;

/// An edit of a document, and what a person is told.
type Outcome = (Option<WorkspaceEdit>, Option<(MessageType, String)>);

impl Server {
    /// Pins what a command names: asks registries, and answers the command when they have.
    pub(super) fn execute(&mut self, id: &Id, command: ExecuteCommandParams) -> Result<(), Refusal> {
        let invalid = |message: String| Refusal::new(ErrorCodes::InvalidParams, message);
        if command.command != COMMAND {
            return Err(invalid(format!("there is no command `{}`", command.command)));
        }
        let argument = command.arguments.into_iter().flatten().next().unwrap_or_default();
        let target: Target = params(COMMAND, argument)?;
        let not_open = || invalid(format!("`{}` is no open file of a chart", target.uri));
        let view = self.view(&target.uri).ok_or_else(not_open)?;
        let questions = pinning::asked(&view, target.path.as_deref());
        let group = Arc::clone(&view.project.group);
        let slot = Arc::clone(&self.asking);
        if Arc::strong_count(&slot) > MAX_PINS + 1 {
            let message = format!("not pinned: {MAX_PINS} pins ask registries already, which do not answer");
            return Err(Refusal::failed(message));
        }
        let waiting = Waiting {
            file: view.document.path.clone(),
            path: target.path.clone(),
        };
        self.pins.push((id.clone(), waiting));
        if questions.is_empty() {
            self.answered(id, Ok(Resolutions::new()));
            return Ok(());
        }
        let events = self.events.clone();
        let back = id.clone();
        let asked = (self.world.registries)(&group.settings.pin, &group.root).and_then(|options| {
            let hand_over = move |said| {
                drop(slot);
                drop(events.send(Event::Answered(back, said)));
            };
            pinning::ask(options, questions, hand_over).map_err(|error| error.to_string())
        });
        if let Err(message) = asked {
            self.answered(id, Err(message));
        }
        Ok(())
    }

    /// Puts what registries said into the document as it is now, and answers the command that asked.
    pub(super) fn answered(&mut self, id: &Id, said: Result<Resolutions, String>) {
        let Some(index) = self.pins.iter().position(|(pin, _)| pin == id) else {
            return;
        };
        let (id, waiting) = self.pins.remove(index);
        self.settle();
        match said.and_then(|resolutions| self.pinned(&waiting, &resolutions)) {
            Err(why) => {
                let message = format!("not pinned: {why}");
                self.client.show(MessageType::Error, message.clone());
                self.client.refuse(id, Refusal::failed(message));
            }
            Ok((edit, message)) => {
                if let Some(edit) = edit {
                    let params = ApplyWorkspaceEditParams {
                        label: Some("Pin to digest".to_owned()),
                        edit,
                        metadata: None,
                    };
                    self.client.ask::<ApplyWorkspaceEditRequest>(params, Asked::Edit);
                }
                if let Some((kind, message)) = message {
                    self.client.show(kind, message);
                }
                self.client.answer::<ExecuteCommandRequest>(id, None);
            }
        }
    }

    /// The edit of the document that waits, and what a person is told; or why there is none.
    fn pinned(&self, waiting: &Waiting, resolutions: &Resolutions) -> Result<Outcome, String> {
        let view = View::of(&waiting.file, &self.documents, &self.workspace, self.client.abilities);
        let view = view.ok_or("the file was closed")?;
        guarded("pinning", || {
            let pinned = pinning::pinned(&view, waiting.path.as_deref(), resolutions);
            let edit = (!pinned.edits.is_empty()).then(|| view.edit(&pinned.edits));
            (edit, pinned.message())
        })
    }

    /// Takes in what the client says to a request of the server.
    pub(super) fn response(&mut self, id: &Id, result: Result<Value, String>) {
        match (self.client.asked(id), result) {
            (Some(Asked::Edit), Ok(value)) if value["applied"] == false => {
                let why = value["failureReason"]
                    .as_str()
                    .unwrap_or("the editor did not take the edit")
                    .to_owned();
                self.client.show(MessageType::Warning, format!("not pinned: {why}"));
            }
            (Some(Asked::Edit), Err(why)) => self.client.show(MessageType::Warning, format!("not pinned: {why}")),
            (Some(Asked::Watch), Err(why)) => {
                self.client.abilities.watch = false;
                let message =
                    format!("the editor does not watch files, so that they are read again when one is saved: {why}");
                self.client.log(MessageType::Warning, message);
            }
            _ => {}
        }
    }

    /// Takes back a command that waits for registries; what they say then goes nowhere.
    pub(super) fn cancel(&mut self, id: &Id) {
        if let Some(index) = self.pins.iter().position(|(pin, _)| pin == id) {
            let (id, _) = self.pins.remove(index);
            self.client.refuse(id, Refusal::cancelled());
        }
    }
}
