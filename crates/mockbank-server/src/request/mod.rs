//! What a request says: who sends it, what it names, asks for and brings along. What cannot be read
//! is refused here.

pub(crate) mod admin;
pub(crate) mod amount;
pub(crate) mod caller;
pub(crate) mod fields;
pub(crate) mod page;
pub(crate) mod query;
pub(crate) mod write;
