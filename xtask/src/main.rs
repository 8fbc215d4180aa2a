//! `cargo xtask`: everything the project does beside compiling.

fn main() {}
