//! The language server: the protocol on one side, charts as everything else sees them on the other. At the edge; the one home of gen-lsp-types.
//!
//! One thread owns all state and answers in the order of what comes in; another one reads the client's messages. Registries are asked on threads
//! of their own, which nobody waits for. What of the environment this takes is handed in as [`World`].

mod actions;
mod client;
mod diagnostics;
mod documents;
mod group;
mod hover;
mod links;
mod parent;
mod pinning;
mod positions;
mod project;
mod server;
mod uri;
mod view;
mod wire;
mod workspace;

pub use server::{Ending, World, serve};
pub use wire::WireError;
