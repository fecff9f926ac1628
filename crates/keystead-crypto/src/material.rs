use zeroize::Zeroizing;

use crate::{Random, RandomError};

/// Secret key bytes. Overwritten when dropped; there is no `Debug`, no `Clone` and no serialiser, so that
/// opened material cannot end up in a record, a log or a panic message:
///
/// ```compile_fail
/// fn shown(material: keystead_crypto::KeyMaterial) -> String { format!("{material:?}") }
/// ```
/// ```compile_fail
/// fn copied(material: &keystead_crypto::KeyMaterial) -> keystead_crypto::KeyMaterial { material.clone() }
/// ```
pub struct KeyMaterial(Zeroizing<Vec<u8>>);

impl KeyMaterial {
    /// Draws `len` fresh bytes.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(random: &dyn Random, len: usize) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new(vec![0; len]);
        random.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Takes bytes that were opened or imported.
    pub fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The bytes, for a primitive or for wrapping; never for anything that is stored or sent as it is.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}
