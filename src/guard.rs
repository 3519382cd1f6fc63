//! Work that ends, whatever happens in it: what this program says where it failed for no reason but its own. Knows nothing of the work.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does some work; `what` names it for a message.
///
/// # Errors
/// When a bug ended the work: a sentence for a person. What it was working on must not be used any more.
pub fn guarded<T>(what: &str, work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| bug(what))
}

/// What is said where this program failed for no reason but its own.
#[must_use]
pub fn bug(what: &str) -> String {
    format!("this is a bug in chartpin, please report it: {what} failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_fails_is_told_and_does_not_spread() {
        assert_eq!(guarded("adding", || 1 + 1), Ok(2));
        let said = guarded("indexing", || [0][std::hint::black_box(1)]).unwrap_err();
        assert_eq!(said, "this is a bug in chartpin, please report it: indexing failed");
    }
}
