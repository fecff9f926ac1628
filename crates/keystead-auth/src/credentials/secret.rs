//! Secret texts of credentials.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// The secret text of an AccessKey; for `ACS3-RSA-SHA256` a PKCS#8 private key as text.
///
/// Wiped when the last clone is dropped, shown by nothing, compared in constant time (the length is not hidden).
#[derive(Clone)]
pub struct SecretKey(Arc<Secret>);

struct Secret {
    text: Zeroizing<String>,
    /// The HMAC-SHA256 key, kept ready once it was used, for that is the algorithm of nearly all requests. It is over a
    /// kilobyte, and boxed so that a secret that never signs does not keep room for it.
    hmac_sha256: OnceLock<Box<hmac::Key>>,
}

impl SecretKey {
    /// Takes over the text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Arc::new(Secret { text: Zeroizing::new(text), hmac_sha256: OnceLock::new() }))
    }

    /// The text itself. Copies made of it are the caller's to wipe.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.text
    }

    pub(crate) fn hmac_sha256(&self) -> &hmac::Key {
        let prepared = || Box::new(hmac::Key::new(hmac::HMAC_SHA256, self.expose().as_bytes()));
        self.0.hmac_sha256.get_or_init(prepared)
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.expose().as_bytes(), other.expose().as_bytes()).is_ok()
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(redacted)")
    }
}

/// The token that goes with temporary keys from STS. Wiped on drop and not shown.
pub struct SecurityToken(Zeroizing<String>);

impl SecurityToken {
    /// Takes over the text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, which every request carries.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for SecurityToken {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}

impl Eq for SecurityToken {}

impl fmt::Debug for SecurityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecurityToken(redacted)")
    }
}
