//! What an editor can do about the place under the cursor: the fixes that rules offer, and pins.

use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, CodeActionTriggerKind, Command, Diagnostic,
    WorkspaceEdit,
};

use super::diagnostics::diagnostic;
use super::pinning::{self, COMMAND, Target};
use super::view::View;
use crate::finding::{Applicability, Finding, Fix};
use crate::mend::{FixMode, mend};
use crate::source::Span;

/// How many fixes are offered at once: each is tried by reading the whole file again, and of a list that is longer nobody chooses.
const MAX_FIXES: usize = 20;

/// The kind under which all safe fixes of a file come.
pub(super) const FIX_ALL: CodeActionKind = CodeActionKind::Custom(std::borrow::Cow::Borrowed("source.fixAll.chartpin"));

/// The kind under which all pins of a file come.
pub(super) const PIN_ALL: CodeActionKind = CodeActionKind::Custom(std::borrow::Cow::Borrowed("source.pin.chartpin"));

/// The actions at a range, of the kinds that are asked for.
pub(super) fn actions(view: &View<'_>, params: &CodeActionParams) -> Vec<CodeActionResponse> {
    if !view.abilities.actions {
        return Vec::new();
    }
    let at = view.span(params.range);
    let only = params.context.only.as_deref();
    let wants = |kind: &CodeActionKind| only.is_none_or(|only| only.iter().any(|asked| is_below(kind, asked)));
    // Editors ask wherever the cursor goes, for what is at that place: what the whole file could have is then of no use.
    let of_file = only.is_some() || params.context.trigger_kind != Some(CodeActionTriggerKind::Automatic);
    let mut found = Vec::new();
    if wants(&CodeActionKind::QuickFix) {
        let touches = |finding: &&Finding| finding.span.start <= at.end && at.start <= finding.span.end;
        let fixes = view.findings().filter(touches);
        let fixable = fixes.filter(|finding| finding.fix.is_some()).take(MAX_FIXES);
        found.extend(fixable.filter_map(|finding| quick_fix(view, finding)));
    }
    if of_file && wants(&FIX_ALL) {
        found.extend(fix_all(view));
    }
    if wants(&CodeActionKind::RefactorRewrite) {
        found.extend(pin(view, at));
    }
    if of_file && wants(&PIN_ALL) && view.abilities.apply_edit && pinning::wants(view, None) {
        let title = "Pin all images of this file to their digests".to_owned();
        found.push(ask(view, PIN_ALL, title, None));
    }
    found.into_iter().map(CodeActionResponse::CodeAction).collect()
}

/// Whether a kind is the one that is asked for, or one below it.
fn is_below(kind: &CodeActionKind, asked: &CodeActionKind) -> bool {
    let (kind, asked) = (String::from(kind.clone()), String::from(asked.clone()));
    let rest = kind.strip_prefix(asked.as_str());
    asked.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The fix of a finding; nothing where it has none, or where the file would not read as it should.
fn quick_fix(view: &View<'_>, finding: &Finding) -> Option<CodeAction> {
    let fix: &Fix = finding.fix.as_ref()?;
    let mended = mend(view.file, [fix], FixMode::Unsafe)?;
    let is_safe = fix.applicability == Applicability::Safe;
    let title = format!(
        "{}{}",
        fix.title,
        if is_safe { "" } else { " (unsafe: needs a decision)" }
    );
    Some(CodeAction {
        diagnostics: Some(vec![diagnostic(view, finding)]),
        is_preferred: Some(is_safe),
        ..action(title, CodeActionKind::QuickFix, view.edit(&mended.edits))
    })
}

/// All safe fixes of the file that go together.
fn fix_all(view: &View<'_>) -> Option<CodeAction> {
    let fixes = view.findings().filter_map(|finding| finding.fix.as_ref());
    let mended = mend(view.file, fixes, FixMode::Safe)?;
    let title = "Apply all safe fixes of chartpin".to_owned();
    Some(action(title, FIX_ALL, view.edit(&mended.edits)))
}

/// The pin of the image at a place, where it can be pinned.
fn pin(view: &View<'_>, at: Span) -> Option<CodeAction> {
    let (site, _) = view.site(at)?;
    let path = site.path.to_string();
    if !view.abilities.apply_edit || !pinning::wants(view, Some(&path)) {
        return None;
    }
    let title = format!("Pin `{}` to its digest", site.reference()?);
    let findings = view.findings().filter(|finding| finding.rule == "unpinned-image");
    let of_site = findings.filter(|finding| finding.path.as_deref() == Some(&path));
    let diagnostics: Vec<Diagnostic> = of_site.map(|finding| diagnostic(view, finding)).collect();
    Some(CodeAction {
        diagnostics: Some(diagnostics).filter(|diagnostics| !diagnostics.is_empty()),
        ..ask(view, CodeActionKind::RefactorRewrite, title, Some(path))
    })
}

/// An action that asks registries first.
fn ask(view: &View<'_>, kind: CodeActionKind, title: String, path: Option<String>) -> CodeAction {
    let target = Target {
        uri: view.document.uri.clone(),
        path,
    };
    CodeAction {
        command: Some(Command {
            title: title.clone(),
            tooltip: None,
            command: COMMAND.to_owned(),
            arguments: Some(serde_json::to_value(target).into_iter().collect()),
        }),
        edit: None,
        ..action(title, kind, WorkspaceEdit::default())
    }
}

fn action(title: String, kind: CodeActionKind, edit: WorkspaceEdit) -> CodeAction {
    CodeAction {
        title,
        kind: Some(kind),
        edit: Some(edit),
        ..CodeAction::default()
    }
}
