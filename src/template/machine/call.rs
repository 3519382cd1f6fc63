//! Named templates: what they put out for their argument, and which calls can be left out.

use std::sync::Arc;

use gotmpl::parse::{ListNode, TemplateNode};

use super::{MAX_CALLS, Machine};
use crate::template::condition::Guards;
use crate::template::value::{PathId, PieceKind, Text, Value};

/// How many values one value may hold that are looked at when it is forgotten.
const MAX_HELD: usize = 64;

impl Machine<'_> {
    pub(super) fn template(&mut self, call: &TemplateNode, dot: &Value) {
        self.stand(call.pos.offset);
        let argument = match &call.pipe {
            Some(pipe) => self.pipe(pipe, dot),
            None => Value::Nil,
        };
        let text = self.call(&call.name, &argument);
        self.emit(&text);
    }

    /// What the named template puts out for `dot`.
    pub(in crate::template) fn call(&mut self, name: &str, dot: &Value) -> Value {
        let Some(define) = self.defines.get(name).copied() else {
            if self.is_complete {
                self.trouble(format!("no template of the chart or its dependencies defines `{name}`"));
            }
            return self.give_up(&[dot]);
        };
        if self.is_beside_images(name, dot) {
            return Value::Opaque(Arc::from([]));
        }
        if !self.spend(8) {
            return Value::Opaque(Arc::from([]));
        }
        if self.relevance.is_recursive(name) && !self.relevance.of_name(name) && !self.leads_to_images(dot) {
            self.forget(dot);
            self.lose();
            return Value::Opaque(Arc::from([]));
        }
        let before = self.calls.iter().filter(|call| *call == name).count();
        if before > 1 || self.calls.len() >= MAX_CALLS {
            return self.give_up(&[dot]);
        }
        self.calls.push(name.to_owned());
        let (file, at, own_call) = (self.file, self.at, self.own_call);
        self.file = define.file;
        let text = self.captured(define.node, dot);
        (self.file, self.at, self.own_call) = (file, at, own_call);
        self.calls.pop();
        Value::Text(text)
    }

    /// Whether a call can be left out: it has nothing to do with images, gets the context and nothing on the way to an image, and prints to a
    /// line that has nothing to do with them either.
    pub(super) fn is_beside_images(&mut self, name: &str, dot: &Value) -> bool {
        if !self.is_printing || self.relevance.of_name(name) {
            return false;
        }
        let line = self.line();
        if line.is_none_or(|line| line.contains("mage")) {
            return false;
        }
        !self.leads_to_images(dot)
    }

    /// Whether a value holds more than the context and values that have nothing to do with images.
    fn leads_to_images(&self, value: &Value) -> bool {
        let leads = |path| self.relevance.of_steps(&self.paths.steps(path));
        let taint = self.taint(&[value]);
        taint.iter().any(|path| !self.roots.contains(path) && leads(*path))
    }

    /// Notes that nothing is known any more of the dictionaries that a value holds, the context aside: something unknown may write to them.
    fn forget(&mut self, value: &Value) {
        let taint: Arc<[PathId]> = self.taint(&[value]);
        let mut held = vec![value.clone()];
        let mut left = MAX_HELD;
        while let Some(value) = held.pop().filter(|_| left > 0) {
            left -= 1;
            match value {
                Value::Dict(id) if !self.contexts.contains(&id) => {
                    held.extend(self.dict_of(id).own.values().cloned());
                    self.dict_mut(id).over.insert(0, Value::Opaque(Arc::clone(&taint)));
                }
                Value::List(items) => held.extend(items.iter().cloned()),
                Value::Layered(_, items) => held.extend(items.iter().cloned()),
                Value::Choice(_, both) => held.extend([both.0.clone(), both.1.clone()]),
                _ => {}
            }
        }
    }

    /// The constant text of the line that is being put out; nothing where it began before the text that is being put together.
    pub(super) fn line(&self) -> Option<String> {
        let mut parts: Vec<&str> = Vec::new();
        for piece in self.out.iter().rev() {
            let PieceKind::Words(words) = &piece.kind else { continue };
            if let Some(at) = words.as_str().rfind('\n') {
                parts.push(&words.as_str()[at..]);
                parts.reverse();
                return Some(parts.concat());
            }
            parts.push(words.as_str());
        }
        parts.reverse();
        (self.depth == 0).then(|| parts.concat())
    }

    /// What `nodes` put out for `dot`, with the conditions inside of them alone.
    pub(in crate::template) fn captured(&mut self, nodes: &ListNode, dot: &Value) -> Text {
        let outer = std::mem::take(&mut self.out);
        let frame = std::mem::replace(&mut self.frame, self.variables.len());
        let scope = self.variables.len();
        let is_printing = std::mem::replace(&mut self.is_printing, false);
        self.depth += 1;
        self.declare("$".into(), dot.clone());
        self.list(nodes, dot);
        self.depth -= 1;
        self.is_printing = is_printing;
        self.variables.truncate(scope);
        self.frame = frame;
        let mut pieces = std::mem::replace(&mut self.out, outer);
        let depth = self.guards.depth();
        if depth > 0 {
            let mut last: Option<(Guards, Guards)> = None;
            for piece in &mut pieces {
                let inner = match last.take() {
                    Some((outer, inner)) if outer.is_same(&piece.guards) => inner,
                    _ => piece.guards.inner(depth),
                };
                let outer = std::mem::replace(&mut piece.guards, inner.clone());
                last = Some((outer, inner));
            }
        }
        pieces.into()
    }
}
