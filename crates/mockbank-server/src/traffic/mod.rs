//! The requests that come and go: their numbers, how many a client may make, how long they took,
//! and how many only read.

pub(crate) mod limit;
pub(crate) mod metrics;
pub(crate) mod reads;
pub(crate) mod request_id;
