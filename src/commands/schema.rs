//! `chartpin schema`: the JSON schemas of what is read and written.

use schemars::schema_for;

use super::terminal::print;
use super::{CommandError, Ending};
use crate::cli::{SchemaArgs, SchemaOf};
use crate::config;
use crate::report::{ImagesReport, LintReport, PinReport, VerifyReport};

pub(super) fn run(args: &SchemaArgs) -> Result<Ending, CommandError> {
    let schema = match args.of {
        SchemaOf::Config => config::schema(),
        SchemaOf::Lint => schema_for!(LintReport).to_value(),
        SchemaOf::Images => schema_for!(ImagesReport).to_value(),
        SchemaOf::Pin => schema_for!(PinReport).to_value(),
        SchemaOf::Verify => schema_for!(VerifyReport).to_value(),
    };
    print(&format!("{schema:#}\n"))?;
    Ok(Ending::Clean)
}
