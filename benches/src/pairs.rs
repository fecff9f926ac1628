//! What key pairs and SM4 do, beside their primitives.

use std::collections::HashMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{
    Cipher, EncryptionAlgorithm, KeyMaterial, KeyPairSpec, PrivateKey, Purpose, SealingKey,
    SignatureAlgorithm, SystemRandom,
};
use serde_json::Value;

use crate::AnyError;
use crate::api::Api;
use crate::options::Options;
use crate::prng::Prng;
use crate::scenario::{Comparison, FEW_KEYS, Primitive, compare};
use crate::signer::Query;
use crate::workload::{Encrypt, Workload};

const PSS: SignatureAlgorithm = SignatureAlgorithm::RsaPssSha256;
const SIGN_RSA: &str = "AsymmetricSign, RSA_2048 PSS";
const SIGN_P256: &str = "AsymmetricSign, EC_P256";
const SIGN_SM2: &str = "AsymmetricSign, EC_SM2";
const VERIFY_RSA: &str = "AsymmetricVerify, RSA_2048 PSS";
const VERIFY_P256: &str = "AsymmetricVerify, EC_P256";
const OAEP: &str = "AsymmetricDecrypt, RSA_2048 OAEP";
const SM4: &str = "Encrypt, Aliyun_SM4";

/// All of them, one after the other.
pub(crate) fn run(options: &Options, binary: &Path) -> Result<Vec<Comparison>, AnyError> {
    let mut done = Vec::new();
    for (label, spec, algorithm) in [
        (SIGN_RSA, "RSA_2048", PSS),
        (SIGN_P256, "EC_P256", SignatureAlgorithm::EcdsaSha256),
        (SIGN_SM2, "EC_SM2", SignatureAlgorithm::Sm2Dsa),
    ] {
        done.push(compare(options, binary, None, Some(label), &[], |api, _| {
            Ok(Box::new(Sign::create(api, label, spec, algorithm)?))
        })?);
    }
    for (label, spec, algorithm) in
        [(VERIFY_RSA, "RSA_2048", PSS), (VERIFY_P256, "EC_P256", SignatureAlgorithm::EcdsaSha256)]
    {
        done.push(compare(options, binary, None, Some(label), &[], |api, _| {
            Ok(Box::new(Fixed::verify(api, label, spec, algorithm)?))
        })?);
    }
    done.push(compare(options, binary, None, Some(OAEP), &[], |api, _| Ok(Box::new(Fixed::decrypt(api)?)))?);
    done.push(compare(options, binary, None, Some(SM4), &[], |api, _| {
        let keys = (0..FEW_KEYS).map(|_| api.create_key("Aliyun_SM4", "")).collect::<Result<_, _>>()?;
        Ok(Box::new(Encrypt::labelled(SM4, keys)))
    })?);
    Ok(done)
}

/// What an operation computes, without a service around it.
pub(crate) fn primitive(label: &str) -> Result<Primitive, AnyError> {
    match label {
        SIGN_RSA => sign(KeyPairSpec::Rsa2048, PSS),
        SIGN_P256 => sign(KeyPairSpec::EcP256, SignatureAlgorithm::EcdsaSha256),
        SIGN_SM2 => sign(KeyPairSpec::Sm2, SignatureAlgorithm::Sm2Dsa),
        VERIFY_RSA => verify(KeyPairSpec::Rsa2048, PSS),
        VERIFY_P256 => verify(KeyPairSpec::EcP256, SignatureAlgorithm::EcdsaSha256),
        OAEP => oaep(),
        SM4 => sm4(),
        _ => Err(format!("there is no primitive of {label}").into()),
    }
}

fn sign(spec: KeyPairSpec, algorithm: SignatureAlgorithm) -> Result<Primitive, AnyError> {
    let key = PrivateKey::generate(spec, &SystemRandom)?;
    Ok(Box::new(move || {
        key.sign(&SystemRandom, algorithm, &[7; 32])?;
        Ok(())
    }))
}

fn verify(spec: KeyPairSpec, algorithm: SignatureAlgorithm) -> Result<Primitive, AnyError> {
    let key = PrivateKey::generate(spec, &SystemRandom)?;
    let signature = key.sign(&SystemRandom, algorithm, &[7; 32])?;
    Ok(Box::new(move || {
        key.public_key().verify(algorithm, &[7; 32], &signature)?;
        Ok(())
    }))
}

fn oaep() -> Result<Primitive, AnyError> {
    let key = PrivateKey::generate(KeyPairSpec::Rsa2048, &SystemRandom)?;
    let algorithm = EncryptionAlgorithm::RsaesOaepSha256;
    let blob = key.public_key().encrypt(&SystemRandom, algorithm, &[7; 32])?;
    Ok(Box::new(move || {
        key.decrypt(algorithm, &blob)?;
        Ok(())
    }))
}

/// Sealing as the service does it, with the key of the message.
fn sm4() -> Result<Primitive, AnyError> {
    let material = KeyMaterial::generate(&SystemRandom, Cipher::Sm4.key_len())?;
    let key = SealingKey::derive_for(Cipher::Sm4, &material, Purpose::Message, b"version");
    let mut out = Vec::new();
    Ok(Box::new(move || {
        out.clear();
        Ok(key.seal(&SystemRandom, b"", &[7; 44], &mut out)?)
    }))
}

/// A version of a key pair, as parameters name it.
fn pair(api: &mut Api, spec: &str, usage: &str, algorithm: &str) -> Result<Query, AnyError> {
    let key = api.create_key(spec, usage)?;
    let version = api.version_of(&key)?;
    Ok(vec![("KeyId", key), ("KeyVersionId", version), ("Algorithm", algorithm.to_owned())])
}

/// AsymmetricSign of random digests under one key. Its check verifies.
pub(crate) struct Sign {
    label: &'static str,
    pair: Query,
    prng: Prng,
    digests: HashMap<usize, String>,
}

impl Sign {
    pub(crate) fn create(
        api: &mut Api,
        label: &'static str,
        spec: &str,
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, AnyError> {
        let pair = pair(api, spec, "SIGN/VERIFY", algorithm.name())?;
        Ok(Self { label, pair, prng: Prng::from_clock(), digests: HashMap::new() })
    }
}

impl Workload for Sign {
    fn action(&self) -> &'static str {
        "AsymmetricSign"
    }

    fn label(&self) -> &'static str {
        self.label
    }

    fn next(&mut self, kept: Option<usize>) -> Query {
        let digest = STANDARD.encode(self.prng.bytes::<32>());
        if let Some(index) = kept {
            self.digests.insert(index, digest.clone());
        }
        let mut query = self.pair.clone();
        query.push(("Digest", digest));
        query
    }

    fn check(&mut self, api: &mut Api, kept: &[(usize, Vec<u8>)]) -> Result<(), AnyError> {
        for (index, body) in kept {
            let answer: Value = serde_json::from_slice(body)?;
            let mut query = self.pair.clone();
            query.push(("Digest", self.digests.get(index).ok_or("an answer to no request")?.clone()));
            query.push(("Value", answer["Value"].as_str().ok_or("AsymmetricSign gave no Value")?.to_owned()));
            if api.call("AsymmetricVerify", &query)?["Value"] != true {
                return Err("a signature is wrong".into());
            }
        }
        self.digests.clear();
        Ok(())
    }
}

/// The same call again and again, and a field that its answers must have.
struct Fixed {
    action: &'static str,
    label: &'static str,
    query: Query,
    field: (&'static str, Value),
}

impl Fixed {
    fn verify(
        api: &mut Api,
        label: &'static str,
        spec: &str,
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, AnyError> {
        let mut query = pair(api, spec, "SIGN/VERIFY", algorithm.name())?;
        query.push(("Digest", STANDARD.encode([7; 32])));
        let value = api.call("AsymmetricSign", &query)?["Value"].as_str().map(str::to_owned);
        query.push(("Value", value.ok_or("AsymmetricSign gave no Value")?));
        Ok(Self { action: "AsymmetricVerify", label, query, field: ("Value", Value::Bool(true)) })
    }

    fn decrypt(api: &mut Api) -> Result<Self, AnyError> {
        let mut query = pair(api, "RSA_2048", "ENCRYPT/DECRYPT", "RSAES_OAEP_SHA_256")?;
        let plaintext = STANDARD.encode([7; 32]);
        let mut encrypt = query.clone();
        encrypt.push(("Plaintext", plaintext.clone()));
        let blob = api.call("AsymmetricEncrypt", &encrypt)?["CiphertextBlob"].as_str().map(str::to_owned);
        query.push(("CiphertextBlob", blob.ok_or("AsymmetricEncrypt gave no CiphertextBlob")?));
        let (action, label) = ("AsymmetricDecrypt", OAEP);
        Ok(Self { action, label, query, field: ("Plaintext", Value::String(plaintext)) })
    }
}

impl Workload for Fixed {
    fn action(&self) -> &'static str {
        self.action
    }

    fn label(&self) -> &'static str {
        self.label
    }

    fn next(&mut self, _: Option<usize>) -> Query {
        self.query.clone()
    }

    fn check(&mut self, _: &mut Api, kept: &[(usize, Vec<u8>)]) -> Result<(), AnyError> {
        for (_, body) in kept {
            let answer: Value = serde_json::from_slice(body)?;
            if answer[self.field.0] != self.field.1 {
                return Err(format!("{} gave another answer than before", self.action).into());
            }
        }
        Ok(())
    }
}
