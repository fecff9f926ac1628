use keystead_api::operations::{
    DeleteSecretRequest, DeleteSecretResponse, RestoreSecretRequest, RestoreSecretResponse,
};
use keystead_api::{ApiError, ErrorCode, Timestamp};

use crate::call::Call;
use crate::due::Due;
use crate::engine::Engine;

/// `DeleteSecret`
pub(crate) async fn delete(_: &Call<'_>, _: DeleteSecretRequest) -> Result<DeleteSecretResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `RestoreSecret`
pub(crate) async fn restore(
    _: &Call<'_>,
    _: RestoreSecretRequest,
) -> Result<RestoreSecretResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// Carries out what fell due.
pub(crate) async fn carry_out(engine: &Engine, due: &Due, _: Timestamp) -> Result<(), ApiError> {
    engine.drop_due(due).await
}
