//! New secrets, from the system's own randomness.

use crate::error::ServerError;

/// A new random secret to sign tokens with: 256 bits in hexadecimal.
pub fn new_token_secret() -> Result<String, ServerError> {
    let random = || getrandom::u64().map_err(|error| ServerError::Random(error.to_string()));
    Ok(format!("{:016x}{:016x}{:016x}{:016x}", random()?, random()?, random()?, random()?))
}

/// A new random admin token: 256 bits, beginning with `admin_`.
pub fn new_admin_token() -> Result<String, ServerError> {
    Ok(format!("admin_{}", new_token_secret()?))
}
