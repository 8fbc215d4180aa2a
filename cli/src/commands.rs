//! The subcommands, one file each.

pub(crate) mod check;
pub(crate) mod ciphers;
pub(crate) mod clients;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod mx;
pub(crate) mod probe;
pub(crate) mod rules;
pub(crate) mod upgrade;
pub(crate) mod usage;
