//! What answers are made of, whatever the route: bodies of JSON, amounts, where a page stands, and
//! problem details.

pub(crate) mod amount;
pub(crate) mod body;
pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod problem;
