//! Whether every variable of a template is declared where it is used: Go's parser refuses the file otherwise.

use gotmpl::parse::{BranchNode, Expr, ListNode, Node, PipeNode, SmolStr};

/// The first variable that is used and not declared, with the byte of its `$`.
pub(super) fn undeclared(list: &ListNode) -> Option<(usize, String)> {
    let mut scope = Scope {
        names: vec!["$".into()],
        found: None,
    };
    scope.list(list);
    scope.found
}

struct Scope {
    names: Vec<SmolStr>,
    found: Option<(usize, String)>,
}

impl Scope {
    fn list(&mut self, list: &ListNode) {
        for node in &list.nodes {
            match node {
                Node::List(list) => self.list(list),
                Node::Action(action) => self.pipe(&action.pipe),
                Node::If(branch) | Node::With(branch) | Node::Range(branch) => self.branch(branch),
                Node::Template(call) => call.pipe.iter().for_each(|pipe| self.pipe(pipe)),
                Node::Text(_) | Node::Define(_) | Node::Break(_) | Node::Continue(_) => {}
            }
        }
    }

    fn branch(&mut self, branch: &BranchNode) {
        let before = self.names.len();
        self.pipe(&branch.pipe);
        let inside = self.names.len();
        self.list(&branch.body);
        self.names.truncate(inside);
        if let Some(other) = &branch.else_body {
            self.list(other);
        }
        self.names.truncate(before);
    }

    fn pipe(&mut self, pipe: &PipeNode) {
        for command in &pipe.commands {
            command.args.iter().for_each(|argument| self.expression(argument));
        }
        for name in &pipe.decl {
            if pipe.is_assign {
                self.used(name, pipe.pos.offset);
            } else {
                self.names.push(name.clone());
            }
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Variable(pos, name, _) => self.used(name, pos.offset),
            Expr::Pipe(_, pipe) => self.pipe(pipe),
            Expr::Chain(_, inner, _) => self.expression(inner),
            _ => {}
        }
    }

    fn used(&mut self, name: &SmolStr, at: usize) {
        if self.found.is_none() && !self.names.contains(name) {
            self.found = Some((at, name.to_string()));
        }
    }
}
