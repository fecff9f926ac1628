use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::{KeyMaterial, KeyPairSpec, MacAlgorithm, PrivateKey};

use crate::engine::Engine;
use crate::keys::create::no_randomness;
use crate::records::{KeyKind, KeySpec};

/// Fresh material for a key version: random bytes, or a key pair in PKCS#8.
pub(crate) async fn new_material(engine: &Engine, spec: KeySpec) -> Result<KeyMaterial, ApiError> {
    let bytes = |len| KeyMaterial::generate(&*engine.random, len).map_err(no_randomness);
    match spec.kind() {
        KeyKind::Symmetric(cipher) => bytes(cipher.key_len()),
        KeyKind::Mac(algorithm) => bytes(MacAlgorithm::len(algorithm)),
        KeyKind::Pair(pair) => new_pair(engine, pair).await,
    }
}

async fn new_pair(engine: &Engine, spec: KeyPairSpec) -> Result<KeyMaterial, ApiError> {
    let random = engine.random.clone();
    let made = engine.heavy.key_pair(move || PrivateKey::generate(spec, &*random)?.to_material()).await?;
    made.map_err(|error| {
        tracing::error!(%error, "a key pair cannot be made");
        ErrorCode::InternalFailure.into()
    })
}
