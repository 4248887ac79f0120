//! Distributions that give the same bits on every machine: integer tables, and floating point
//! only in operations that IEEE 754 defines to the bit.

mod alias;
mod amount;
mod chance;
mod normal;

pub(crate) use alias::AliasTable;
pub(crate) use amount::ClippedGaussian;
pub(crate) use chance::Chance;
pub(crate) use normal::{NormalTable, quantile};
