//! What needs no key of the caller's naming: `GenerateRandom`, `Hash` and `GetSecretValue`.

use std::mem::take;

use keystead_api::instance::{
    GenerateRandomRequest, GenerateRandomResponse, GetSecretValueRequest, GetSecretValueResponse,
    HashRequest, HashResponse,
};
use keystead_api::{ApiError, operations};
use keystead_crypto::{KeyMaterial, sha256, sm3};
use zeroize::Zeroizing;

use super::pair::LONG;
use super::{Request, Used};
use crate::keys::create::no_randomness;
use crate::secrets::value;

/// Random bytes of one request at most.
const MAX_RANDOM: i32 = 1024;

/// `GenerateRandom`
pub(super) async fn random(
    request: &Request<'_>,
    message: &mut GenerateRandomRequest,
) -> Result<Used<GenerateRandomResponse>, ApiError> {
    request.call.anything()?;
    let len = match message.length {
        1..=MAX_RANDOM => usize::try_from(message.length).ok(),
        _ => None,
    };
    let len = len.ok_or_else(|| ApiError::invalid_parameter("Length"))?;
    let drawn = KeyMaterial::generate(&*request.call.engine.random, len).map_err(no_randomness)?;
    Ok(Used::none(GenerateRandomResponse {
        random: drawn.expose().to_vec(),
        ..GenerateRandomResponse::default()
    }))
}

/// `Hash`
pub(super) async fn hash(
    request: &Request<'_>,
    message: &mut HashRequest,
) -> Result<Used<HashResponse>, ApiError> {
    request.call.anything()?;
    let hash: fn(&[u8]) -> [u8; 32] = match message.algorithm.as_str() {
        "" | "SHA_256" => sha256,
        "SM3" => sm3,
        _ => return Err(ApiError::invalid_parameter("Algorithm")),
    };
    let text = Zeroizing::new(take(&mut message.message));
    let digest = if text.len() < LONG {
        hash(&text)
    } else {
        request.call.engine.heavy.operation(move || hash(&text)).await?
    };
    Ok(Used::none(HashResponse { digest: digest.to_vec(), ..HashResponse::default() }))
}

/// `GetSecretValue`
pub(super) async fn secret_value(
    request: &Request<'_>,
    message: &mut GetSecretValueRequest,
) -> Result<Used<GetSecretValueResponse>, ApiError> {
    let found = value::get(
        request.call,
        operations::GetSecretValueRequest {
            version_id: Some(take(&mut message.version_id)),
            version_stage: Some(take(&mut message.version_stage).into()),
            fetch_extended_config: Some(message.fetch_extended_config),
            ..operations::GetSecretValueRequest::new(message.secret_name.as_str())
        },
    )
    .await?;
    Ok(Used::none(GetSecretValueResponse {
        secret_name: found.secret_name,
        secret_type: found.secret_type.into(),
        secret_data: found.secret_data.expose().to_owned(),
        secret_data_type: found.secret_data_type.into(),
        version_stages: found.version_stages.version_stage.into_iter().map(Into::into).collect(),
        version_id: found.version_id,
        create_time: found.create_time,
        request_id: String::new(),
        last_rotation_date: found.last_rotation_date.unwrap_or_default(),
        next_rotation_date: found.next_rotation_date.unwrap_or_default(),
        extended_config: found.extended_config.unwrap_or_default().into(),
        automatic_rotation: found.automatic_rotation.unwrap_or_default().into(),
        rotation_interval: found.rotation_interval.unwrap_or_default(),
    }))
}
