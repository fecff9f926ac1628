//! `Sign`, `Verify`, `GetPublicKey` and `Hmac`: by default with the first version of a key.

use std::mem::take;

use keystead_api::ApiError;
use keystead_api::instance::{
    GetPublicKeyRequest, GetPublicKeyResponse, HmacRequest, HmacResponse, SignRequest, SignResponse,
    VerifyRequest, VerifyResponse,
};
use keystead_crypto::{DIGEST_LEN, KeyPairSpec, sha256};
use zeroize::Zeroizing;

use super::key::Form;
use super::{Request, Used};
use crate::keys::mac;
use crate::keys::pair::{Pair, failed, signature_algorithm};
use crate::records::KeyUsage;

/// Bytes of a message that the service hashes at most; a longer one is hashed by the caller.
const MAX_RAW: usize = 4096;
/// By which name the signer of an SM2 signature goes when nothing is agreed on (GM/T 0009).
const SM2_ID: &str = "1234567812345678";

/// `Sign`
pub(super) async fn sign(
    request: &Request<'_>,
    message: &mut SignRequest,
) -> Result<Used<SignResponse>, ApiError> {
    let call = request.call;
    let (key, version) = request.key(&message.key_id, Form::Plain).await?;
    let pair = Pair::find(call, &key, &version, Some(KeyUsage::SignVerify)).await?;
    let algorithm = signature_algorithm(pair.spec, &message.algorithm)?;
    let said = Said::read(&mut message.message, &mut message.digest, &message.message_type)?;
    let message_type = said.message_type();
    let digest = said.digest(&pair).await?;
    let random = call.engine.random.clone();
    let signature = pair.private(move |key| key.sign(&*random, algorithm, &digest)).await?.map_err(failed)?;
    let response = SignResponse {
        key_id: key.value.key_id.as_str().to_owned(),
        signature,
        algorithm: algorithm.name().to_owned(),
        message_type,
        ..SignResponse::default()
    };
    Ok(Used::of(version, response))
}

/// `Verify`
pub(super) async fn verify(
    request: &Request<'_>,
    message: &mut VerifyRequest,
) -> Result<Used<VerifyResponse>, ApiError> {
    let (key, version) = request.key(&message.key_id, Form::Plain).await?;
    let pair = Pair::find(request.call, &key, &version, Some(KeyUsage::SignVerify)).await?;
    let algorithm = signature_algorithm(pair.spec, &message.algorithm)?;
    let said = Said::read(&mut message.message, &mut message.digest, &message.message_type)?;
    let message_type = said.message_type();
    let digest = said.digest(&pair).await?;
    let signature = take(&mut message.signature);
    let value = pair.public(move |key| key.verify(algorithm, &digest, &signature)).await?.map_err(failed)?;
    let response = VerifyResponse {
        key_id: key.value.key_id.as_str().to_owned(),
        value,
        algorithm: algorithm.name().to_owned(),
        message_type,
        ..VerifyResponse::default()
    };
    Ok(Used::of(version, response))
}

/// `GetPublicKey`
pub(super) async fn public_key(
    request: &Request<'_>,
    message: &mut GetPublicKeyRequest,
) -> Result<Used<GetPublicKeyResponse>, ApiError> {
    let (key, version) = request.key(&message.key_id, Form::Plain).await?;
    let pair = Pair::find(request.call, &key, &version, None).await?;
    let response = GetPublicKeyResponse {
        key_id: key.value.key_id.as_str().to_owned(),
        public_key: pair.open().await?.public_key().pem(),
        ..GetPublicKeyResponse::default()
    };
    Ok(Used::of(version, response))
}

/// `Hmac`
pub(super) async fn hmac(
    request: &Request<'_>,
    message: &mut HmacRequest,
) -> Result<Used<HmacResponse>, ApiError> {
    let (key, version) = request.key(&message.key_id, Form::Plain).await?;
    let mac_key = mac::open(request.call, &key, &version, "").await?;
    let text = Zeroizing::new(take(&mut message.message));
    let signature = if text.len() < LONG {
        mac_key.sign(&text)
    } else {
        request.call.engine.heavy.operation(move || mac_key.sign(&text)).await?
    };
    let key_id = key.value.key_id.as_str().to_owned();
    Ok(Used::of(version, HmacResponse { key_id, signature, ..HmacResponse::default() }))
}

/// Bytes from which hashing would hold up the thread.
pub(super) const LONG: usize = 64 << 10;

/// What is signed.
enum Said {
    Raw(Zeroizing<Vec<u8>>),
    Digest([u8; DIGEST_LEN]),
}

impl Said {
    /// Reads the two fields of which one is there, and how it is meant. Clients of another age send a digest in its own field.
    fn read(message: &mut Vec<u8>, digest: &mut Vec<u8>, message_type: &str) -> Result<Self, ApiError> {
        let message = Zeroizing::new(take(message));
        let digest = take(digest);
        let as_digest = |bytes: &[u8], field| {
            bytes.try_into().map(Self::Digest).map_err(|_| ApiError::invalid_parameter(field))
        };
        match message_type {
            "" | "RAW" | "DIGEST" if message.is_empty() => as_digest(&digest, "Digest"),
            "" | "RAW" if message.len() <= MAX_RAW => Ok(Self::Raw(message)),
            "" | "RAW" => Err(ApiError::invalid_parameter("Message")),
            "DIGEST" => as_digest(&message, "Message"),
            _ => Err(ApiError::invalid_parameter("MessageType")),
        }
    }

    fn message_type(&self) -> String {
        match self {
            Self::Raw(_) => "RAW",
            Self::Digest(_) => "DIGEST",
        }
        .to_owned()
    }

    /// What the signature is over: SHA-256 of the message, for SM2 SM3 with the signer's name and public key in front.
    async fn digest(self, pair: &Pair<'_>) -> Result<[u8; DIGEST_LEN], ApiError> {
        match self {
            Self::Digest(digest) => Ok(digest),
            Self::Raw(message) if pair.spec == KeyPairSpec::Sm2 => {
                let digest = pair.open().await?.public_key().sm2_digest(SM2_ID, &message);
                digest.ok_or_else(|| ApiError::invalid_parameter("Message"))
            }
            Self::Raw(message) => Ok(sha256(&message)),
        }
    }
}
