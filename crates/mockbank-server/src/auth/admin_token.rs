//! What an admin token is checked against.

use sha2::{Digest, Sha256};

/// What an admin token is checked against. The token is random and long, so its plain hash tells
/// nothing about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminTokenHash([u8; 32]);

impl AdminTokenHash {
    /// The hash of a token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads what [`std::fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        if text.len() != 2 * hash.len() {
            return None;
        }
        for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(hash))
    }

    /// Whether it is the hash of `token`, in the same time whether it is or not.
    pub(crate) fn fits(&self, token: &str) -> bool {
        let other = Self::of(token);
        let difference = self.0.iter().zip(other.0).fold(0, |all, (a, b)| all | (a ^ b));
        std::hint::black_box(difference) == 0
    }
}

/// In hexadecimal.
impl std::fmt::Display for AdminTokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::secret::new_admin_token;

    #[test]
    fn only_the_token_fits_its_hash() {
        let token = new_admin_token().unwrap();
        assert_eq!(token.len(), "admin_".len() + 64);
        let hash = AdminTokenHash::parse(&AdminTokenHash::of(&token).to_string()).unwrap();
        assert!(hash.fits(&token));
        for other in ["", "admin_", &token[1..], &token.to_uppercase()] {
            assert!(!hash.fits(other), "{other}");
        }
        for text in ["", "zz", &"0".repeat(63), &"g".repeat(64), &"+1".repeat(32)] {
            let parsed = AdminTokenHash::parse(text).map(|hash| hash.to_string());
            assert!(parsed.is_none_or(|written| written != text), "{text}");
        }
    }
}
