//! The `smtplint` command.

fn main() {}
