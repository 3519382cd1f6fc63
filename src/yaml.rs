//! YAML as the program needs it: a tree with exact byte spans, placeholders that do not stop the parser, what Helm reads of a scalar.
//!
//! The one home of granit-parser (spans) and saphyr (the second reader). Knows nothing of images or charts.

mod decode;
mod helm;
mod lookup;
mod path;
mod placeholder;
mod read;
mod second;
mod tree;
mod walk;

pub use decode::{Decoded, decode};
pub use helm::{HelmScalar, helm_plain, helm_scalar};
pub use path::{KeyPath, Step};
pub use placeholder::{is_placeholder_word, placeholders};
pub use read::{MAX_DEPTH, ReadError, read, read_nodes};
pub use second::{EditCheckError, Meant, check_edit, other_reader_accepts};
pub use tree::{Anchor, Comment, Entry, Kind, Node, NodeId, Scalar, Style, Tree};
pub use walk::{DuplicateKey, Trail};
