//! The integration tests: one binary, one module a subject.

mod reference_vectors;
mod support;
mod yaml_layer;
