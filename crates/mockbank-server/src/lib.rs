//! The banking API.
