use std::hash::{BuildHasher, Hasher as _, RandomState};

use siphasher::sip128::{Hasher128 as _, SipHasher13};

/// Hashes the caches' keys to 128 bits: SipHash-1-3 under a key that is drawn at the start of the process.
///
/// The hash stands for the key. With a million entries the chance that any two meet is below 2^-88, and nobody outside
/// can look for two that do, because the hash's key is secret.
pub(crate) struct KeyedHash {
    keys: (u64, u64),
}

impl KeyedHash {
    pub(crate) fn new() -> Self {
        // What the standard library keys its maps with, drawn from the system.
        let draw = || RandomState::new().build_hasher().finish();
        Self { keys: (draw(), draw()) }
    }

    /// The hash of the parts one after the other; callers see to it that two lists of parts never give the same bytes.
    pub(crate) fn of(&self, parts: &[&[u8]]) -> u128 {
        let mut hasher = SipHasher13::new_with_keys(self.keys.0, self.keys.1);
        for part in parts {
            hasher.write(part);
        }
        hasher.finish128().as_u128()
    }
}

#[cfg(test)]
mod tests {
    use super::KeyedHash;

    #[test]
    fn parts_are_only_a_way_to_write_the_bytes() {
        let hash = KeyedHash::new();
        assert_eq!(hash.of(&[b"key/", b"1"]), hash.of(&[b"key/1"]));
        assert_ne!(hash.of(&[b"key/1"]), hash.of(&[b"key/2"]));
        assert_ne!(hash.of(&[b"key/1"]), KeyedHash::new().of(&[b"key/1"]));
    }
}
