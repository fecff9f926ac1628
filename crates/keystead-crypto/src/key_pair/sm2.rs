use sm2::SecretKey;
use sm2::dsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate as _;
use sm2::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use sm2::pke::{DecryptingKey, EncryptingKey};
use sm3::{Digest as _, Sm3};
use zeroize::Zeroizing;

use super::{DIGEST_LEN, KeyPairError, spki};
use crate::random::Source;
use crate::{KeyMaterial, OpenError, Random};

/// How long a plaintext may be, in bytes: 6,144 less the 97 that C1 and C3 take in the raw form.
pub(super) const MAX_PLAINTEXT: usize = 6_047;

/// A digest to be signed is e = SM3(Z || M): the identity is in it already, and the library's own is not used.
const NO_IDENTITY: &str = "";

/// a, b and both coordinates of G (GB/T 32918.5), each as two halves.
const CURVE: [u128; 8] = [
    0xffff_fffe_ffff_ffff_ffff_ffff_ffff_ffff,
    0xffff_ffff_0000_0000_ffff_ffff_ffff_fffc,
    0x28e9_fa9e_9d9f_5e34_4d5a_9e4b_cf65_09a7,
    0xf397_89f5_15ab_8f92_ddbc_bd41_4d94_0e93,
    0x32c4_ae2c_1f19_8119_5f99_0446_6a39_c994,
    0x8fe3_0bbf_f266_0be1_715a_4589_334c_74c7,
    0xbc37_36a2_f4f6_779c_59bd_cee3_6b69_2153,
    0xd0a9_877c_c62a_4740_02df_32e5_2139_f0a0,
];

/// SM2 by the `sm2` crate. Only the type that overwrites itself when dropped is kept; what signs and decrypts is made
/// from it for each call. [`DecryptingKey`] would print the key in its `Debug`: no type here has one.
pub(super) struct Private(SecretKey);

pub(super) struct Public {
    verifying: VerifyingKey,
    encrypting: EncryptingKey,
}

impl Private {
    pub(super) fn generate(random: &dyn Random) -> Result<KeyMaterial, KeyPairError> {
        loop {
            let key = SecretKey::try_generate_from_rng(&mut Source::new(random))?;
            if can_sign(&key) {
                return Self(key).to_material();
            }
        }
    }

    /// The key and its public half as SubjectPublicKeyInfo.
    pub(super) fn read(der: &[u8]) -> Result<(Self, Vec<u8>), KeyPairError> {
        let key = SecretKey::from_pkcs8_der(der).map_err(|_| KeyPairError::Malformed)?;
        if !can_sign(&key) {
            return Err(KeyPairError::Malformed);
        }
        let spki = spki::of_point(spki::SM2, &key.public_key().to_sec1_bytes())?;
        Ok((Self(key), spki))
    }

    pub(super) fn to_material(&self) -> Result<KeyMaterial, KeyPairError> {
        let der = self.0.to_pkcs8_der().map_err(|_| KeyPairError::Failed)?;
        Ok(KeyMaterial::from_bytes(Zeroizing::new(der.as_bytes().to_vec())))
    }

    /// The nonce is that of RFC 6979, by SM3, with fresh randomness mixed in.
    pub(super) fn sign(
        &self,
        random: &dyn Random,
        digest: &[u8; DIGEST_LEN],
    ) -> Result<Vec<u8>, KeyPairError> {
        let mut source = Source::new(random);
        let signature: Signature = SigningKey::new(NO_IDENTITY, &self.0)
            .and_then(|key| key.sign_prehash_with_rng(&mut source, digest))
            .map_err(|_| source.failure())?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    /// Takes both forms: DER (GM/T 0009) and raw, `04 | x | y | C3 | C2`. Which one it is shows in the first byte. The
    /// library refuses points off the curve, whose answers would give the key away bit by bit.
    pub(super) fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let key = DecryptingKey::new(self.0.clone());
        let plaintext = match ciphertext.first() {
            Some(0x30) => key.decrypt_der(ciphertext),
            Some(0x04) => key.decrypt(ciphertext),
            _ => return Err(OpenError),
        };
        let plaintext = Zeroizing::new(plaintext.map_err(|_| OpenError)?);
        // An empty plaintext is none: nothing would be encrypted, and no standard encoder makes it.
        if plaintext.is_empty() { Err(OpenError) } else { Ok(plaintext) }
    }
}

impl Public {
    pub(super) fn read(der: &[u8]) -> Result<Self, KeyPairError> {
        let point = spki::point(der, spki::SM2)?;
        let key = sm2::PublicKey::from_sec1_bytes(point).map_err(|_| KeyPairError::Malformed)?;
        let verifying = VerifyingKey::new(NO_IDENTITY, key).map_err(|_| KeyPairError::Malformed)?;
        Ok(Self { verifying, encrypting: EncryptingKey::new(key) })
    }

    pub(super) fn verify(&self, digest: &[u8; DIGEST_LEN], signature: &[u8]) -> bool {
        Signature::from_der(signature)
            .is_ok_and(|signature| self.verifying.verify_prehash(digest, &signature).is_ok())
    }

    /// e = SM3(Z || M), with Z = SM3(length of the id in bits || id || a || b || G || the public point); none when the id is
    /// too long for its length to be written.
    pub(super) fn digest(&self, id: &str, message: &[u8]) -> Option<[u8; DIGEST_LEN]> {
        let bits = u16::try_from(id.len().checked_mul(8)?).ok()?;
        let mut z = Sm3::new_with_prefix(bits.to_be_bytes());
        z.update(id);
        for word in CURVE {
            z.update(word.to_be_bytes());
        }
        // Without the 04 in front.
        z.update(&self.verifying.to_sec1_bytes()[1..]);
        Some(Sm3::new_with_prefix(z.finalize()).chain_update(message).finalize().into())
    }

    /// DER (GM/T 0009): `SEQUENCE(x, y, C3, C2)`.
    pub(super) fn encrypt(&self, random: &dyn Random, plaintext: &[u8]) -> Result<Vec<u8>, KeyPairError> {
        if plaintext.is_empty() {
            return Err(KeyPairError::TooLong);
        }
        let mut source = Source::new(random);
        self.encrypting.encrypt_der(&mut source, plaintext).map_err(|_| source.failure())
    }
}

/// The order of the curve less one is a secret key to the library, but 1 + d has no inverse then: every signature fails.
fn can_sign(key: &SecretKey) -> bool {
    let scalar = key.to_nonzero_scalar();
    !bool::from((*scalar + sm2::Scalar::ONE).is_zero())
}
