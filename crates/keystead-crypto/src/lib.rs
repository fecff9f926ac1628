//! Algorithms, ciphertext format and key wrapping.
//!
//! Everything here takes values and returns values: randomness is passed in as a [`Random`], there is no clock,
//! no file and no network. The primitives are those of AWS-LC, and of RustCrypto for what AWS-LC has not: SM2, SM3, SM4 and
//! a fast secp256k1. This crate only puts them together.
//!
//! - [`KeyMaterial`]: secret bytes that cannot be printed, copied or serialised.
//! - [`SealingKey`]: AES-GCM or SM4-GCM with a key of its own for every message.
//! - [`DirectKey`]: the bare modes GCM, CBC and ECB, for calls that bring their own IV.
//! - [`PrivateKey`], [`PublicKey`]: RSA, NIST P-256, secp256k1 and SM2; signatures, encryption, unwrapping.
//! - [`MacKey`]: keyed hashes.
//! - [`MessageBlob`]: the outer layout of a ciphertext, as official clients take it apart.
//! - [`Purpose`]: keeps the uses of one piece of material apart.
//!
//! The formats are described, with test vectors, in `docs/ciphertext-format.md`.

mod aead;
mod algorithm;
mod blob;
mod direct;
mod key_pair;
#[cfg(test)]
mod known_answers;
mod mac;
mod material;
mod random;
mod sealing;

pub use algorithm::{
    Cipher, EncryptionAlgorithm, KeyPairSpec, MacAlgorithm, SignatureAlgorithm, WrappingAlgorithm,
};
pub use blob::{MessageBlob, VERSION_ID_LEN};
pub use direct::{BLOCK_LEN, DirectError, DirectKey, Mode, Padding};
pub use key_pair::{DIGEST_LEN, KeyPairError, PrivateKey, PublicKey};
pub use mac::MacKey;
pub use material::KeyMaterial;
pub use random::{Random, RandomError, SystemRandom};
pub use sealing::{MESSAGE_IV_LEN, OpenError, Purpose, SEAL_OVERHEAD, SealError, SealingKey};

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, data).as_ref());
    out
}

/// SM3 (GB/T 32905) of `data`.
pub fn sm3(data: &[u8]) -> [u8; 32] {
    <::sm3::Sm3 as ::sm3::Digest>::digest(data).into()
}

/// Whether two byte strings are equal, in time that does not depend on where they differ.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}
