//! Data key pairs: the private key encrypted as a data key is.

use std::collections::HashSet;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use keystead_api::instance::{
    AdvanceGenerateDataKeyPairRequest, AdvanceGenerateDataKeyPairResponse,
    AdvanceGenerateDataKeyPairWithoutPlaintextRequest, AdvanceGenerateDataKeyPairWithoutPlaintextResponse,
    GenerateDataKeyPairRequest, GenerateDataKeyPairResponse, GenerateDataKeyPairWithoutPlaintextRequest,
    GenerateDataKeyPairWithoutPlaintextResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::{KeyPairSpec, MESSAGE_IV_LEN, PrivateKey};
use zeroize::Zeroizing;

use super::key::{Form, check_symmetric};
use super::symmetric::{self, Terms, Way};
use super::{Request, Used, advance};
use crate::call::Key;
use crate::keys::pair::failed;
use crate::origin::Gateway;
use crate::records::Id;

/// Instances for which a pair is being made: one at a time for each (instance API reference, GenerateDataKeyPair), for it takes
/// up to seconds of a processor.
#[derive(Clone, Default)]
pub(crate) struct PairsUnderWay(Arc<Mutex<HashSet<String>>>);

/// The place of one; given back when it is dropped.
struct Turn {
    all: PairsUnderWay,
    instance: String,
}

impl PairsUnderWay {
    fn begin(&self, instance: &str) -> Result<Turn, ApiError> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !under_way.insert(instance.to_owned()) {
            return Err(ApiError::with_message(ErrorCode::RejectedThrottling, "Concurrency Limit Exceeded."));
        }
        Ok(Turn { all: self.clone(), instance: instance.to_owned() })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.instance);
    }
}

/// How the two keys are written.
#[derive(Clone, Copy)]
enum Format {
    /// PKCS#8 and SubjectPublicKeyInfo in PEM.
    Pem,
    /// The same in DER.
    Der,
}

/// What a request asks for.
struct Wanted<'a> {
    key_id: &'a str,
    algorithm: &'a str,
    spec: &'a str,
    format: &'a str,
    aad: Vec<u8>,
    form: Form,
}

/// A pair that was made.
struct Made {
    key: Key,
    version: Id,
    way: Way,
    iv: Vec<u8>,
    private_key: Zeroizing<Vec<u8>>,
    ciphertext: Vec<u8>,
    public_key: Vec<u8>,
}

/// `GenerateDataKeyPair`
pub(super) async fn plain(
    request: &Request<'_>,
    message: &mut GenerateDataKeyPairRequest,
) -> Result<Used<GenerateDataKeyPairResponse>, ApiError> {
    let wanted = Wanted {
        key_id: &message.key_id,
        algorithm: &message.algorithm,
        spec: &message.key_pair_spec,
        format: &message.key_format,
        aad: take(&mut message.aad),
        form: Form::Plain,
    };
    let mut made = make(request, wanted).await?;
    let response = GenerateDataKeyPairResponse {
        key_id: made.key.value.key_id.as_str().to_owned(),
        iv: made.iv,
        key_pair_spec: take(&mut message.key_pair_spec),
        private_key_plaintext: take(&mut *made.private_key),
        private_key_ciphertext_blob: made.ciphertext,
        public_key: made.public_key,
        algorithm: made.way.algorithm(),
        ..GenerateDataKeyPairResponse::default()
    };
    Ok(Used::of(made.version, response))
}

/// `GenerateDataKeyPairWithoutPlaintext`
pub(super) async fn plain_without_plaintext(
    request: &Request<'_>,
    message: &mut GenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<Used<GenerateDataKeyPairWithoutPlaintextResponse>, ApiError> {
    let wanted = Wanted {
        key_id: &message.key_id,
        algorithm: &message.algorithm,
        spec: &message.key_pair_spec,
        format: &message.key_format,
        aad: take(&mut message.aad),
        form: Form::Plain,
    };
    let made = make(request, wanted).await?;
    let response = GenerateDataKeyPairWithoutPlaintextResponse {
        key_id: made.key.value.key_id.as_str().to_owned(),
        iv: made.iv,
        key_pair_spec: take(&mut message.key_pair_spec),
        private_key_ciphertext_blob: made.ciphertext,
        public_key: made.public_key,
        algorithm: made.way.algorithm(),
        ..GenerateDataKeyPairWithoutPlaintextResponse::default()
    };
    Ok(Used::of(made.version, response))
}

/// `AdvanceGenerateDataKeyPair`
pub(super) async fn advance(
    request: &Request<'_>,
    message: &mut AdvanceGenerateDataKeyPairRequest,
) -> Result<Used<AdvanceGenerateDataKeyPairResponse>, ApiError> {
    let wanted = Wanted {
        key_id: &message.key_id,
        algorithm: "",
        spec: &message.key_pair_spec,
        format: &message.key_format,
        aad: take(&mut message.aad),
        form: Form::Advance,
    };
    let mut made = make(request, wanted).await?;
    let response = AdvanceGenerateDataKeyPairResponse {
        key_id: made.key.value.key_id.as_str().to_owned(),
        iv: made.iv,
        key_pair_spec: take(&mut message.key_pair_spec),
        private_key_plaintext: take(&mut *made.private_key),
        private_key_ciphertext_blob: made.ciphertext,
        public_key: made.public_key,
        algorithm: made.way.algorithm(),
        key_version_id: made.version.as_str().to_owned(),
        ..AdvanceGenerateDataKeyPairResponse::default()
    };
    Ok(Used::of(made.version, response))
}

/// `AdvanceGenerateDataKeyPairWithoutPlaintext`
pub(super) async fn advance_without_plaintext(
    request: &Request<'_>,
    message: &mut AdvanceGenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<Used<AdvanceGenerateDataKeyPairWithoutPlaintextResponse>, ApiError> {
    let wanted = Wanted {
        key_id: &message.key_id,
        algorithm: "",
        spec: &message.key_pair_spec,
        format: &message.key_format,
        aad: take(&mut message.aad),
        form: Form::Advance,
    };
    let made = make(request, wanted).await?;
    let response = AdvanceGenerateDataKeyPairWithoutPlaintextResponse {
        key_id: made.key.value.key_id.as_str().to_owned(),
        iv: made.iv,
        key_pair_spec: take(&mut message.key_pair_spec),
        private_key_ciphertext_blob: made.ciphertext,
        public_key: made.public_key,
        algorithm: made.way.algorithm(),
        key_version_id: made.version.as_str().to_owned(),
        ..AdvanceGenerateDataKeyPairWithoutPlaintextResponse::default()
    };
    Ok(Used::of(made.version, response))
}

async fn make(request: &Request<'_>, wanted: Wanted<'_>) -> Result<Made, ApiError> {
    let call = request.call;
    let (key, version) = request.symmetric_key(wanted.key_id, wanted.form).await?;
    let way = Way::gcm(check_symmetric(&key.value)?, wanted.algorithm)?;
    let mut terms = Terms { way, aad: wanted.aad, iv: Vec::new() };
    terms.check()?;
    let (spec, format) = (spec(wanted.spec)?, format(wanted.format)?);

    let Gateway::Dedicated(instance) = call.origin.gateway else {
        return Err(ErrorCode::UnsupportedOperation.into());
    };
    let turn = call.engine.data_key_pairs.begin(instance)?;
    let random = call.engine.random.clone();
    let made = call.engine.heavy.key_pair(move || {
        // Given back when the work is done, also when nobody waits for it any more.
        let _turn = turn;
        let pair = PrivateKey::generate(spec, &*random)?;
        let (private_key, public_key) = match format {
            Format::Der => {
                (Zeroizing::new(pair.to_material()?.expose().to_vec()), pair.public_key().spki().to_vec())
            }
            Format::Pem => {
                let mut pem = pair.to_pem()?;
                (Zeroizing::new(take(&mut *pem).into_bytes()), pair.public_key().pem().into_bytes())
            }
        };
        Ok((private_key, public_key))
    });
    let (private_key, public_key) = made.await?.map_err(failed)?;

    let head = if wanted.form == Form::Advance { advance::head(&version, true) } else { Vec::new() };
    let mut ciphertext =
        symmetric::encrypt(call, (&key, &version), &mut terms, head, private_key.clone()).await?;
    if wanted.form == Form::Plain {
        ciphertext.drain(..MESSAGE_IV_LEN);
    }
    Ok(Made { key, version, way, iv: terms.iv, private_key, ciphertext, public_key })
}

/// SM2 pairs are not among what the vendor offers.
fn spec(name: &str) -> Result<KeyPairSpec, ApiError> {
    match name {
        "RSA_2048" => Ok(KeyPairSpec::Rsa2048),
        "RSA_3072" => Ok(KeyPairSpec::Rsa3072),
        "RSA_4096" => Ok(KeyPairSpec::Rsa4096),
        "EC_P256" => Ok(KeyPairSpec::EcP256),
        "EC_P256K" => Ok(KeyPairSpec::EcP256k),
        _ => Err(ApiError::invalid_parameter("KeyPairSpec")),
    }
}

fn format(name: &str) -> Result<Format, ApiError> {
    match name {
        "" | "PEM" => Ok(Format::Pem),
        "DER" => Ok(Format::Der),
        _ => Err(ApiError::invalid_parameter("KeyFormat")),
    }
}
