//! What SM2 libraries have got wrong elsewhere: short nonces, points off the curve, ciphertexts that crash or that tell
//! errors apart.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashSet;

use common::{Fixed, der, der_integer, sm2_der, sm2_pkcs8, sm2_spki};
use keystead_crypto::{
    EncryptionAlgorithm, KeyPairError, KeyPairSpec, OpenError, PrivateKey, PublicKey, RandomError,
    SignatureAlgorithm, SystemRandom,
};
use proptest::prelude::*;
use sm2::elliptic_curve::sec1::ToSec1Point as _;

const PKE: EncryptionAlgorithm = EncryptionAlgorithm::Sm2Pke;
const ORDER: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
const PRIME: &str = "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff";

fn key() -> PrivateKey {
    PrivateKey::from_material(KeyPairSpec::Sm2, &sm2_pkcs8(&[7; 32])).unwrap()
}

/// The raw form of a ciphertext in DER: C1 (65 bytes), C3 (32 bytes), C2.
fn parts(ciphertext: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    use sm2::pkcs8::der::Decode as _;
    let cipher = sm2::pke::Cipher::<sm2::Sm2>::from_der(ciphertext).unwrap();
    (cipher.c1().to_sec1_point(false).as_bytes().to_vec(), cipher.c3().to_vec(), cipher.c2().to_vec())
}

#[test]
fn a_nonce_has_32_bytes_and_every_bit_of_it_counts() {
    let key = key();
    let nonce = [0x5a; 32];
    let mut points = HashSet::new();
    for bit in 0..=256 {
        let mut bytes = nonce;
        if bit < 256 {
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
        }
        let random = Fixed::new(&[&bytes[..], &[0xee; 64]].concat());
        let ciphertext = key.public_key().encrypt(&random, PKE, b"text").unwrap();
        assert_eq!(random.left(), 64, "exactly 32 bytes are drawn");
        let (c1, ..) = parts(&ciphertext);
        // C1 is the point of the private key of these very bytes.
        let secret = PrivateKey::from_material(KeyPairSpec::Sm2, &sm2_pkcs8(&bytes)).unwrap();
        assert!(secret.public_key().spki().ends_with(&c1));
        assert!(points.insert(c1));
    }
    assert_eq!(points.len(), 257);
}

#[test]
fn without_randomness_there_is_no_nonce_and_no_key() {
    let key = key();
    let missing = Err(KeyPairError::Random(RandomError));
    assert_eq!(key.public_key().encrypt(&Fixed::new(&[1; 31]), PKE, b"text"), missing);
    assert_eq!(key.sign(&Fixed::new(&[]), SignatureAlgorithm::Sm2Dsa, &[1; 32]), missing);
    for spec in [KeyPairSpec::Sm2, KeyPairSpec::EcP256k] {
        assert_eq!(PrivateKey::generate(spec, &Fixed::new(&[1; 31])).err(), missing.clone().err());
    }
}

#[test]
fn points_that_are_none_are_refused() {
    let key = key();
    let prime = hex::decode(PRIME).unwrap();
    let good = key.public_key().spki()[key.public_key().spki().len() - 65..].to_vec();
    let with = |x: &[u8], y: &[u8]| [&[4], x, y].concat();
    let mut flipped = good.clone();
    flipped[64] ^= 1;
    let mut swapped = with(&good[33..], &good[1..33]);
    swapped[0] = 4;
    let off_curve = [
        flipped,
        swapped,
        with(&[0; 32], &[0; 32]),
        with(&[0; 32], &[1; 32]),
        with(&prime, &good[33..]),
        with(&good[1..33], &prime),
        with(&[0xff; 32], &[0xff; 32]),
        // On P-256, not on SM2: its generator.
        hex::decode(concat!(
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
        ))
        .unwrap(),
    ];
    for point in &off_curve {
        let what = hex::encode(point);
        assert!(PublicKey::from_spki(KeyPairSpec::Sm2, &sm2_spki(point)).is_err(), "{what}");
        let (c3, c2) = ([3; 32], [2; 20]);
        for ciphertext in [[&point[..], &c3, &c2].concat(), sm2_der(point, &c3, &c2)] {
            assert_eq!(key.decrypt(PKE, &ciphertext), Err(OpenError), "{what}");
        }
    }
    // Other shapes of a point: infinity, compressed, hybrid, too short, too long.
    let mut hybrid = good.clone();
    hybrid[0] = 6 | (good[64] & 1);
    let compressed = [&[2 | (good[64] & 1)], &good[1..33]].concat();
    for point in [vec![0], compressed, hybrid, good[..64].to_vec(), [&good[..], &[0]].concat()] {
        assert!(PublicKey::from_spki(KeyPairSpec::Sm2, &sm2_spki(&point)).is_err());
        assert_eq!(key.decrypt(PKE, &[&point[..], &[3; 32], &[2; 20]].concat()), Err(OpenError));
    }
    assert!(PublicKey::from_spki(KeyPairSpec::Sm2, &sm2_spki(&good)).is_ok());
}

#[test]
fn private_keys_that_are_none_are_refused() {
    let order = hex::decode(ORDER).unwrap();
    let near = |offset: i16| {
        let mut scalar = order.clone();
        let last = i16::from_be_bytes([scalar[30], scalar[31]]) + offset;
        scalar[30..].copy_from_slice(&last.to_be_bytes());
        scalar
    };
    // n - 1 is a point's key, but no signature could be made with it.
    for scalar in [vec![0; 32], near(-1), near(0), near(1), vec![0xff; 32]] {
        let key = PrivateKey::from_material(KeyPairSpec::Sm2, &sm2_pkcs8(&scalar));
        assert_eq!(key.err(), Some(KeyPairError::Malformed), "{}", hex::encode(scalar));
    }
    for scalar in [near(-2), [&[0; 31][..], &[1]].concat()] {
        let key = PrivateKey::from_material(KeyPairSpec::Sm2, &sm2_pkcs8(&scalar)).unwrap();
        let signature = key.sign(&SystemRandom, SignatureAlgorithm::Sm2Dsa, &[9; 32]).unwrap();
        assert_eq!(key.public_key().verify(SignatureAlgorithm::Sm2Dsa, &[9; 32], &signature), Ok(true));
    }
}

#[test]
fn both_forms_are_read_and_no_other() {
    let key = key();
    let ciphertext = key.public_key().encrypt(&SystemRandom, PKE, b"some text").unwrap();
    assert_eq!(ciphertext[0], 0x30);
    let (c1, c3, c2) = parts(&ciphertext);
    assert_eq!(sm2_der(&c1, &c3, &c2), ciphertext);
    let raw = [&c1[..], &c3, &c2].concat();
    assert_eq!(raw.len(), 97 + 9);
    assert_eq!(key.decrypt(PKE, &raw).unwrap().as_slice(), b"some text");
    let (x, y) = (&c1[1..33], &c1[33..]);
    let sequence = |fields: &[Vec<u8>]| der(0x30, &fields.concat());
    let long_length = [&[0x30, 0x82, 0], &ciphertext[1..]].concat();
    for (what, wrong) in [
        ("empty", vec![]),
        ("the old order", [&c1[..], &c2, &c3].concat()),
        ("no C2", raw[..97].to_vec()),
        ("no C2, in DER", sm2_der(&c1, &c3, &[])),
        ("too short", raw[..96].to_vec()),
        ("a byte more", [&raw[..], &[0]].concat()),
        ("a byte more, in DER", [&ciphertext[..], &[0]].concat()),
        ("a byte less, in DER", ciphertext[..ciphertext.len() - 1].to_vec()),
        ("a length that is not the shortest", long_length),
        ("a short hash", sequence(&[der_integer(x), der_integer(y), der(4, &c3[..31]), der(4, &c2)])),
        ("a field more", sequence(&[der_integer(x), der_integer(y), der(4, &c3), der(4, &c2), der(4, &[])])),
        ("fields in the old order", sequence(&[der_integer(x), der_integer(y), der(4, &c2), der(4, &c3)])),
        ("a negative x", sequence(&[der(2, &[0x80]), der_integer(y), der(4, &c3), der(4, &c2)])),
        ("a long x", sequence(&[der(2, &[&[1; 33][..]].concat()), der_integer(y), der(4, &c3), der(4, &c2)])),
    ] {
        assert_eq!(key.decrypt(PKE, &wrong), Err(OpenError), "{what}");
    }
}

#[test]
fn lengths_of_plaintexts_are_bounded() {
    let key = key();
    let public = key.public_key();
    assert_eq!(public.max_plaintext(PKE), Some(6_047));
    let longest = vec![1; 6_047];
    let ciphertext = public.encrypt(&SystemRandom, PKE, &longest).unwrap();
    assert_eq!(key.decrypt(PKE, &ciphertext).unwrap().as_slice(), longest);
    for wrong in [vec![], vec![1; 6_048]] {
        assert_eq!(public.encrypt(&SystemRandom, PKE, &wrong), Err(KeyPairError::TooLong));
    }
}

#[test]
fn signatures_are_read_strictly() {
    let key = key();
    let verify =
        |signature: &[u8]| key.public_key().verify(SignatureAlgorithm::Sm2Dsa, &[9; 32], signature).unwrap();
    let signature = key.sign(&SystemRandom, SignatureAlgorithm::Sm2Dsa, &[9; 32]).unwrap();
    assert!(verify(&signature));
    let order = hex::decode(ORDER).unwrap();
    let one = der_integer(&[1]);
    for (what, wrong) in [
        ("empty", vec![]),
        ("a byte more", [&signature[..], &[0]].concat()),
        ("a byte less", signature[..signature.len() - 1].to_vec()),
        ("r of zero", der(0x30, &[der_integer(&[0]), one.clone()].concat())),
        ("s of zero", der(0x30, &[one.clone(), der_integer(&[0])].concat())),
        ("r of the order", der(0x30, &[der_integer(&order), one.clone()].concat())),
        ("a zero in front", der(0x30, &[der(2, &[0, 1]), one.clone()].concat())),
        ("three numbers", der(0x30, &[one.clone(), one.clone(), one.clone()].concat())),
        ("a length that is not the shortest", [&[0x30, 0x81], &signature[1..]].concat()),
        ("an indefinite length", [&[0x30, 0x80], &signature[2..], &[0, 0]].concat()),
    ] {
        assert!(!verify(&wrong), "{what}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_encrypted_decrypts(plaintext in proptest::collection::vec(any::<u8>(), 1..400)) {
        let key = key();
        let ciphertext = key.public_key().encrypt(&SystemRandom, PKE, &plaintext).unwrap();
        prop_assert_eq!(key.decrypt(PKE, &ciphertext).unwrap().to_vec(), plaintext);
    }

    #[test]
    fn changed_ciphertexts_neither_open_nor_panic(
        raw in any::<bool>(),
        at in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let key = key();
        let ciphertext = key.public_key().encrypt(&SystemRandom, PKE, b"a text of some length").unwrap();
        let original = if raw {
            let (c1, c3, c2) = parts(&ciphertext);
            [c1, c3, c2].concat()
        } else {
            ciphertext
        };
        let mut changed = original.clone();
        for (index, bits) in at {
            let index = index.index(changed.len());
            changed[index] ^= bits;
        }
        if let Some(cut) = cut {
            changed.truncate(cut.index(changed.len()));
        }
        prop_assume!(changed != original);
        prop_assert_eq!(key.decrypt(PKE, &changed), Err(OpenError));
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), first in prop::sample::select(vec![0x30u8, 4, 0])) {
        let key = key();
        let bytes = [&[first], &bytes[..]].concat();
        prop_assert_eq!(key.decrypt(PKE, &bytes), Err(OpenError));
        prop_assert_eq!(key.public_key().verify(SignatureAlgorithm::Sm2Dsa, &[9; 32], &bytes), Ok(false));
        for spec in [KeyPairSpec::Rsa2048, KeyPairSpec::EcP256, KeyPairSpec::EcP256k, KeyPairSpec::Sm2] {
            prop_assert!(PublicKey::from_spki(spec, &bytes).is_err());
            prop_assert!(PrivateKey::from_material(spec, &common::material(&bytes)).is_err());
        }
    }
}
