//! `/admin`: for whoever has the admin token. Every act is written into the audit log.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod jobs;
pub(crate) mod statistics;
pub(crate) mod transactions;
pub(crate) mod world;
