//! The integration tests: one binary, one module a subject.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a test that cannot go on fails, and tests touch the world"
)]

mod bad_input;
mod command_pages;
mod house;
mod images_of_containers;
mod init;
mod init_places;
mod inventory;
mod linting;
mod lsp;
mod page;
mod pin_cases;
mod pin_corpus;
mod pin_faults;
mod pin_runs;
mod readme;
mod reference_vectors;
mod registry;
mod report_files;
mod rule_pages;
mod site_cases;
mod snippets;
mod support;
mod templates;
mod whole_charts;
mod yaml_layer;
