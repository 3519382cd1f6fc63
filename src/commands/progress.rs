//! How far the questions are: a line on a terminal, and plain lines for what keeps a run waiting anywhere else.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::{is_watched, say};
use crate::registry::Observer;

/// How many registries the line names.
const NAMED: usize = 3;

/// The questions of a run, by registry.
pub(super) struct Progress {
    bar: ProgressBar,
    open: RefCell<BTreeMap<String, usize>>,
}

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        bar.set_draw_target(if is_watched() {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        });
        let style = ProgressStyle::with_template("asked {pos} of {len} images {bar:20} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            open: RefCell::default(),
        }
    }

    /// Takes the line away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self) {
        let open = self.open.borrow();
        let mut waiting: Vec<_> = open.iter().filter(|(_, count)| **count > 0).collect();
        waiting.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
        let named: Vec<String> = waiting
            .iter()
            .take(NAMED)
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        let more = waiting.len().saturating_sub(NAMED);
        let more = if more > 0 {
            format!(", {more} more")
        } else {
            String::new()
        };
        self.bar.set_message(format!("{}{more}", named.join(", ")));
    }
}

impl Observer for Progress {
    fn started(&self, registry: &str, questions: usize) {
        *self.open.borrow_mut().entry(registry.to_owned()).or_insert(0) += questions;
        self.bar.inc_length(questions as u64);
        self.show();
    }

    fn answered(&self, registry: &str) {
        if let Some(count) = self.open.borrow_mut().get_mut(registry) {
            *count = count.saturating_sub(1);
        }
        self.bar.inc(1);
        self.show();
    }

    fn waiting(&self, host: &str, wait: Duration) {
        let line = format!(
            "chartpin: `{host}` limits how often it is asked: waiting {} s",
            wait.as_secs_f32().ceil()
        );
        self.bar.suspend(|| say(&line));
    }
}
