//! What several tests need.
#![allow(clippy::unwrap_used, dead_code)] // each test takes its part

use std::sync::Mutex;

use keystead_crypto::{KeyMaterial, Random, RandomError};
use zeroize::Zeroizing;

/// Hands out the bytes that a test fixes, and no more.
pub struct Fixed(Mutex<Vec<u8>>);

impl Fixed {
    pub fn new(bytes: &[u8]) -> Self {
        Self(Mutex::new(bytes.to_vec()))
    }

    /// How many are left.
    pub fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        let mut bytes = self.0.lock().unwrap();
        if bytes.len() < out.len() {
            return Err(RandomError);
        }
        out.copy_from_slice(&bytes.drain(..out.len()).collect::<Vec<_>>());
        Ok(())
    }
}

pub fn material(bytes: &[u8]) -> KeyMaterial {
    KeyMaterial::from_bytes(Zeroizing::new(bytes.to_vec()))
}

/// One DER value of up to 65,535 bytes.
pub fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        len @ ..0x80 => out.push(len as u8),
        len @ ..0x100 => out.extend([0x81, len as u8]),
        len => out.extend([0x82, (len >> 8) as u8, len as u8]),
    }
    out.extend_from_slice(content);
    out
}

/// A DER INTEGER of a positive number.
pub fn der_integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len() - 1);
    let digits = &number[start..];
    let sign: &[u8] = if digits[0] & 0x80 == 0 { &[] } else { &[0] };
    der(2, &[sign, digits].concat())
}

/// A signature: `SEQUENCE(r, s)`.
pub fn der_of_integers(r: &[u8], s: &[u8]) -> Vec<u8> {
    der(0x30, &[der_integer(r), der_integer(s)].concat())
}

/// An SM2 ciphertext of GM/T 0009: `SEQUENCE(x, y, C3, C2)`.
pub fn sm2_der(point: &[u8], c3: &[u8], c2: &[u8]) -> Vec<u8> {
    let (x, y) = (&point[1..33], &point[33..65]);
    der(0x30, &[der_integer(x), der_integer(y), der(4, c3), der(4, c2)].concat())
}

/// `id-ecPublicKey` on the SM2 curve.
pub fn sm2_algorithm() -> Vec<u8> {
    der(
        0x30,
        &[
            vec![0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
            vec![0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d],
        ]
        .concat(),
    )
}

/// An SM2 private key without its public half, as PKCS#8.
pub fn sm2_pkcs8(scalar: &[u8]) -> KeyMaterial {
    let key = der(0x30, &[vec![2, 1, 1], der(4, scalar)].concat());
    material(&der(0x30, &[vec![2, 1, 0], sm2_algorithm(), der(4, &key)].concat()))
}

/// An SM2 public key as SubjectPublicKeyInfo, whatever the point.
pub fn sm2_spki(point: &[u8]) -> Vec<u8> {
    der(0x30, &[sm2_algorithm(), der(3, &[&[0], point].concat())].concat())
}
