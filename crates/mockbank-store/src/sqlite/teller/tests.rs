//! The teller under failures that only its own crate can make happen.
