//! A registry for benchmarks: answers every question, on the loopback, until standard input ends.
//!
//! `cargo run --release --example answering_registry -- [MILLISECONDS]` prints its address; each answer takes that long.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_macros,
    clippy::format_collect,
    clippy::format_push_string,
    unused_imports,
    reason = "it shares the registry of the tests"
)]

#[path = "../tests/it"]
mod tests {
    pub(crate) mod registry;
}

use std::io::Read as _;
use std::time::Duration;

use tests::registry::{Options, Registry};

fn main() {
    let latency = std::env::args().nth(1).map_or(0, |text| text.parse().unwrap());
    let registry = Registry::start_with(Options {
        latency: Duration::from_millis(latency),
        ..Options::default()
    });
    registry.answer_all();
    println!("{}", registry.host());
    let _ = std::io::stdin().read(&mut [0]);
    println!(
        "{} requests, at most {} at once",
        registry.requests().len(),
        registry.peak()
    );
}
