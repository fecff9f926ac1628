pub mod driver;

use keystead_api::operations::{
    RotateSecretRequest, RotateSecretResponse, UpdateSecretRotationPolicyRequest,
    UpdateSecretRotationPolicyResponse,
};
use keystead_api::{ApiError, ErrorCode, Timestamp};

use crate::call::Call;
use crate::due::Due;
use crate::engine::Engine;

/// `RotateSecret`
pub(crate) async fn rotate(_: &Call<'_>, _: RotateSecretRequest) -> Result<RotateSecretResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `UpdateSecretRotationPolicy`
pub(crate) async fn update_policy(
    _: &Call<'_>,
    _: UpdateSecretRotationPolicyRequest,
) -> Result<UpdateSecretRotationPolicyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// Carries out what fell due.
pub(crate) async fn carry_out(engine: &Engine, due: &Due, _: Timestamp) -> Result<(), ApiError> {
    engine.drop_due(due).await
}
