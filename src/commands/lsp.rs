//! `chartpin lsp`: the language server over standard input and output, with what of the environment it takes.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use super::network::{CACHE_TTL, options};
use super::terminal::say;
use super::{CommandError, Ending, STACK};
use crate::cli::LspArgs;
use crate::config::PinSettings;
use crate::guard::bug;
use crate::lsp::{self, WireError, World, serve};

pub(super) fn run(args: &LspArgs) -> Result<Ending, CommandError> {
    if io::stdin().is_terminal() {
        say(
            "chartpin: waiting for an editor: `chartpin lsp` speaks the Language Server Protocol over standard input and output",
        );
    }
    let network = args.network.clone();
    let registries = move |settings: &PinSettings, root: &Path| {
        let options = options(&network, [(root, settings)], Some(CACHE_TTL));
        options.map_err(|error| error.to_string())
    };
    let world = World {
        registries: Box::new(registries),
    };
    // Charts are read on the thread that talks, whose stack has to be as large as that of any other that reads them.
    let talk = || serve(world, io::stdin(), io::stdout());
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(talk)?;
    let ended = thread
        .join()
        .map_err(|_| CommandError::usage(bug("the language server"), None))?;
    ended.map(Ending::from).map_err(|error: WireError| {
        let help = "the Language Server Protocol is spoken here, by editors: docs/editors.md says how to set one up";
        CommandError::usage(error.to_string(), Some(help))
    })
}

impl From<lsp::Ending> for Ending {
    fn from(ending: lsp::Ending) -> Self {
        match ending {
            lsp::Ending::Orderly => Self::Clean,
            lsp::Ending::Abrupt => Self::Findings,
        }
    }
}
