//! The command as a user meets it: exit code, stdout and stderr.

mod answers;
mod documents;
mod error_kinds;
mod errors;
mod explain;
mod gradient;
mod guide;
mod help;
mod large;
mod methods;
mod plans;
mod report;
mod rows;
mod sandbox;
#[cfg(unix)]
mod signals;
mod streams;
mod survival;
mod training;
