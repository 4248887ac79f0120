//! Bearer tokens: JSON Web Tokens signed with HMAC-SHA-256.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result as JwtResult};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use mockbank_bank::UserId;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::error::ServerError;

/// Shortest key in bytes: as long as the hash (RFC 7518, section 3.2).
const MIN_SECRET: usize = 32;

/// Makes and checks tokens, for those who have the key.
pub struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    lifetime: Duration,
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    user_id: String,
    /// Seconds since 1970-01-01T00:00:00Z.
    iat: u64,
    /// Seconds since 1970-01-01T00:00:00Z.
    exp: u64,
}

/// What a token of ours says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Whose it is.
    pub(crate) user: UserId,
    /// Seconds since 1970-01-01T00:00:00Z at which it ends.
    expires: u64,
}

impl Known {
    /// Whether it has not expired at `now`, the time since 1970.
    pub(crate) fn is_good(self, now: Duration) -> bool {
        now.as_secs() < self.expires
    }
}

/// Refuses a key that is too short to be safe.
pub(crate) fn check_secret(secret: &[u8]) -> Result<(), ServerError> {
    if secret.len() >= MIN_SECRET {
        return Ok(());
    }
    Err(ServerError::ShortSecret { length: secret.len(), least: MIN_SECRET })
}

impl Tokens {
    /// Tokens signed with `secret`, good for `lifetime`.
    pub fn new(secret: &[u8], lifetime: Duration) -> Result<Self, ServerError> {
        check_secret(secret)?;
        // A provider that was installed before is this one: nobody else in the process signs.
        let _ = PROVIDER.install_default();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp"]);
        // Checked against the server's own clock instead of the ambient one.
        validation.validate_exp = false;
        Ok(Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            validation,
            lifetime,
        })
    }

    /// How long a new token is good, in seconds.
    pub fn lifetime_seconds(&self) -> u64 {
        self.lifetime.as_secs()
    }

    /// A token for a customer, good from `now` on, which is the time since 1970.
    pub fn issue(&self, user: UserId, now: Duration) -> Result<String, ServerError> {
        let exp = now.saturating_add(self.lifetime).as_secs();
        let claims = Claims { user_id: user.to_string(), iat: now.as_secs(), exp };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(|error| ServerError::Token(error.to_string()))
    }

    /// Whose token it is at `now`, the time since 1970, if it is one of ours and has not expired.
    pub fn check(&self, token: &str, now: Duration) -> Option<UserId> {
        self.read(token).filter(|known| known.is_good(now)).map(|known| known.user)
    }

    /// What a token says, if it is one of ours; it may have expired.
    pub(crate) fn read(&self, token: &str) -> Option<Known> {
        let claims: Claims =
            jsonwebtoken::decode(token, &self.checking, &self.validation).ok()?.claims;
        Some(Known { user: claims.user_id.parse().ok()?, expires: claims.exp })
    }
}

/// HMAC-SHA-256 for [`jsonwebtoken`], whose own backends bring RSA or a C compiler along.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, key: &[u8]) -> JwtResult<Self> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        let keyed = Hmac::new_from_slice(key).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Self(keyed))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let keyed = self.0.clone().chain_update(message);
        keyed.verify_slice(signature).map_err(SignatureError::from_source)
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_token_is_good_for_its_lifetime_and_its_key() {
        let tokens = Tokens::new(&[7; 32], HOUR).unwrap();
        let others = Tokens::new(&[8; 32], HOUR).unwrap();
        let (user, now) = (UserId::new(3), Duration::from_secs(1_750_000_000));
        let token = tokens.issue(user, now).unwrap();
        assert_eq!(tokens.check(&token, now), Some(user));
        assert_eq!(tokens.check(&token, now + Duration::from_secs(3599)), Some(user));
        assert_eq!(tokens.check(&token, now + HOUR), None);
        assert_eq!(others.check(&token, now), None);
    }

    /// The signature is that of HMAC-SHA-256 elsewhere: the example of RFC 7515, appendix A.1.
    #[test]
    fn the_signature_is_the_published_one() {
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = DecodingKey::from_jwk(
            &serde_json::from_value(serde_json::json!({"kty": "oct", "k": key})).unwrap(),
        )
        .unwrap();
        let _ = PROVIDER.install_default();
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, Algorithm::HS256)
                .unwrap()
        );
    }

    #[test]
    fn short_keys_are_refused() {
        assert!(Tokens::new(&[7; 31], HOUR).is_err());
    }
}
