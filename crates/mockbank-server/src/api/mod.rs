//! The resources, a file for each: what it looks like on the wire, and its routes.
#![expect(clippy::struct_field_names, reason = "fields are named as on the wire")]

pub(crate) mod accounts;
pub(crate) mod admin;
pub(crate) mod cards;
pub(crate) mod health;
pub(crate) mod holds;
pub(crate) mod login;
pub(crate) mod metrics;
pub(crate) mod transactions;
pub(crate) mod transfers;
pub(crate) mod users;
