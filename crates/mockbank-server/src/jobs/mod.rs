//! Work that takes longer than a request: begun by one, asked about by others.

pub(crate) mod body;
pub(crate) mod job;
pub(crate) mod work;
