//! The API as clients see it, over a small real world.

mod bank;
mod client;

mod accounts;
mod administration;
mod cards;
mod customers;
mod holds;
mod limits;
mod login;
mod openapi;
mod operations;
mod refusals;
mod serving;
mod tokens;
mod transactions;
mod transfers;
mod users;
