//! What a chart's templates do with its values: which of them become images and how they are joined, which land in labels, which are asked
//! for and under which conditions.
//!
//! Templates are run, not grepped: over values that are not known, both ways at every `if` (`machine`), into texts with holes that are
//! then read as lines of YAML (`lines`) and can be filled from values (`fill`). What cannot be followed is counted, and never taken
//! for "not used". Knows no disk and no chart around the templates that it is given.

mod blocks;
mod bundle;
mod condition;
mod file;
mod fill;
mod functions;
mod known;
mod lines;
mod machine;
mod reading;
mod relevance;
mod structure;
mod value;
mod variables;

pub use bundle::{Bundle, Dependency};
pub use file::{BadTemplate, Parsed, TemplateFile};
pub use fill::{Atom, Filled, Filling, Found, Untold, Values};
pub use reading::{FieldId, Place, Reading, Spot, Workload};
