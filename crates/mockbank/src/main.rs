//! The `mockbank` command.

fn main() {}
