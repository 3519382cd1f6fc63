//! The workflow of GitHub Actions.

use super::{Place, scalar};

/// The workflow that lints pull requests, and pushes to the branch that they are merged into.
#[must_use]
pub fn workflow(place: &Place) -> String {
    let inputs = if place.folder.is_empty() {
        String::new()
    } else {
        format!("        with:\n          paths: {}\n", scalar(&literal(&place.folder)))
    };
    format!(
        "name: chartpin

on:
  push:
    branches: [{}]
  pull_request:

permissions: {{}}

jobs:
  lint:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - uses: chartpin/chartpin@v{} # better: the commit of this tag
{inputs}",
        scalar(&glob(&place.branch)),
        env!("CARGO_PKG_VERSION")
    )
}

/// A text as GitHub reads it back where expressions count: what would begin one is an expression that gives it.
fn literal(text: &str) -> String {
    text.replace("${{", "${{ '${{' }}")
}

/// A glob of GitHub's that is true of `branch` alone. Git allows these two of its signs in the name of a branch.
fn glob(branch: &str) -> String {
    branch.replace('+', "\\+").replace('!', "\\!")
}
