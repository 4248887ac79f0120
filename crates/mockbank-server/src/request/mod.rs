//! What a request says.

pub(crate) mod admin;
pub(crate) mod caller;
