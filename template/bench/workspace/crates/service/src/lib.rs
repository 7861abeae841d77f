//! What answers requests. The modules are those of the app that is one package.

pub mod routes;
pub mod settings;
// So that routes finds it where the app has it.
use ::text;
