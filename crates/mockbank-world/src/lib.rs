//! A living world.
