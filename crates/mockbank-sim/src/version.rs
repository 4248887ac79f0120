//! Versions of the models: another one makes other worlds from the same preset and seed.

/// Of the model `profiles`.
pub(crate) const PROFILES: u32 = 1;

/// Of the model `households`.
pub(crate) const HOUSEHOLDS: u32 = 2;
